"use strict";
// The language last read, else the reader's own; the address is carried along.
(() => {
  let kept = null;
  try { kept = localStorage.getItem("capex-signals-language"); } catch { kept = null; }
  const code = kept === "zh" || kept === "en" ? kept : (navigator.language || "").startsWith("zh") ? "zh" : "en";
  location.replace(`${code}/index.html${location.search}${location.hash}`);
})();
