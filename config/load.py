"""Read the declarations: YAML, loaded safely, into frozen specs. A mistake names its file and its key."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from config.declared import Spec
from config.errors import Refused
from config.metric_specs import Metric
from config.parsing import parse_yaml
from config.specs import Catalog, ClaimSpec, Company, CompanyGroup, Model, Organization, SourceSpec

HERE = Path(__file__).parent
S = TypeVar("S", bound=Spec)


def build(kind: type[S], body: Any, place: str) -> S:
    """One spec from plain values; Refused lists every key that is wrong."""
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or '(top)'}: {item['msg']}" for item in error.errors()
        )
        raise Refused(wrong, place=place, remedy="mend the keys named here; docs/ describes each") from error


def _read(path: Path) -> Any:
    place = path.relative_to(HERE.parent) if path.is_relative_to(HERE.parent) else path
    return parse_yaml(path.read_text("utf-8"), str(place))


def _sources(folder: Path) -> dict[str, SourceSpec]:
    return {
        path.stem: build(SourceSpec, {"id": path.stem, **_read(path)}, f"config/sources/{path.name}")
        for path in sorted((folder / "sources").glob("*.yml"))
    }


def _claims(folder: Path) -> dict[str, ClaimSpec]:
    claims = {}
    for path in sorted((folder / "claims").glob("*.yml")):
        claim_id, _, stem = path.stem.partition("_")
        if claim_id in claims:
            raise Refused(
                f"{claim_id} is declared twice", place=f"config/claims/{path.name}", remedy="one file for each claim"
            )
        body = {"id": claim_id, "stem": stem, **_read(path)}
        claims[claim_id] = build(ClaimSpec, body, f"config/claims/{path.name}")
    return claims


def _listed(kind: type[S], folder: Path, name: str, key: str) -> dict[str, S]:
    path = folder / name
    place = f"config/{name}"
    return {
        ident: build(kind, {key: ident, **body}, f"{place}: {ident}") for ident, body in (_read(path) or {}).items()
    }


def load_catalog(folder: Path = HERE) -> Catalog:
    """Every declaration under `folder`. Raises Refused naming the file and the key that is wrong."""
    return Catalog(
        sources=_sources(folder),
        companies=_listed(Company, folder, "companies.yml", "ticker"),
        company_groups=_listed(CompanyGroup, folder, "company_groups.yml", "id"),
        metrics=_listed(Metric, folder, "metrics.yml", "id"),
        models=_listed(Model, folder, "models.yml", "id"),
        organizations=_listed(Organization, folder, "organizations.yml", "id"),
        claims=_claims(folder),
    )


@cache
def catalog() -> Catalog:
    """The project's own declarations, read once."""
    return load_catalog()


def analyst_files(folder: Path = HERE) -> dict[str, bytes]:
    """Hand-entered statements about companies, file name -> bytes: captured like any payload."""
    return {path.name: path.read_bytes() for path in sorted((folder / "analyst").glob("*.yml"))}


def announcement_files(folder: Path = HERE) -> dict[str, bytes]:
    """Hand-entered price announcements, file name -> bytes: captured like any payload."""
    return {path.name: path.read_bytes() for path in sorted((folder / "announcements").glob("*.yml"))}
