"""Parts of a declared source: where its past is kept, and by what a filtered series differs from the whole."""

from __future__ import annotations

from pydantic import Field

from config.declared import Spec


class Disagreement(Spec):
    """By what full boards differ from a filtered series: their score less its own, as measured where both are known."""

    low: float = Field(le=0)
    high: float = Field(ge=0)


class GitHistory(Spec):
    """The file a source publishes, in the repository that keeps its past. Earlier names of the file come last."""

    repository: str = Field(description="address to clone from")
    branch: str
    paths: tuple[str, ...] = Field(min_length=1)
    commits_api: str = Field(
        "", description="REST address that lists commits, where there is no git; {path} is filled in"
    )
    pulls_api: str = Field(
        "", description="REST address of the pull requests of a {commit}: when it came to the branch"
    )
    raw: str = Field("", description="address of the file at a commit, with {commit} and {path}")
    hosts: tuple[str, ...] = ()
