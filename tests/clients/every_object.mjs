// Run by Node: opens the published file as the README says and asks every view and macro.
// `node every_object.mjs FILE MACROS_AS_JSON`, beside an installed @duckdb/node-api: prints {"version", "views", "refused"}.
import duckdb from '@duckdb/node-api'

const [path, calls] = process.argv.slice(2)
const instance = await duckdb.DuckDBInstance.create(':memory:')
const connection = await instance.connect()
await connection.run(`ATTACH '${path}' AS cs (READ_ONLY)`)
await connection.run('USE cs')
const query = "SELECT view_name FROM duckdb_views() WHERE NOT internal AND database_name = 'cs' ORDER BY 1"
const views = (await connection.runAndReadAll(query)).getRows().map(([name]) => name)
const refused = {}
for (const asked of [...views, ...JSON.parse(calls)]) {
  try {
    await connection.runAndReadAll(`FROM ${asked}`)
  } catch (error) {
    refused[asked] = String(error).split('\n')[0]
  }
}
console.log(JSON.stringify({ version: duckdb.version(), views: views.length, refused }))
