"""Settings: built once at the door (flows), frozen, passed down. Every one can be set in the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """CAPEX_SIGNALS_HOME, CAPEX_SIGNALS_CONTACT, ... Paths are absolute; times are in seconds."""

    model_config = SettingsConfigDict(env_prefix="CAPEX_SIGNALS_", frozen=True, extra="ignore")

    home: Path = Field(default=Path("data"), description="where the archive, the store and the published files live")
    contact: str = Field(
        default="", description="e-mail address or page put into the User-Agent; the SEC refuses requests without one"
    )
    offline: bool = Field(default=False, description="fetch nothing; work on what is archived")
    connect_timeout_s: float = Field(default=10.0, gt=0, description="seconds to wait for a connection")
    read_timeout_s: float = Field(default=60.0, gt=0, description="seconds to wait between two pieces of a body")
    total_timeout_s: float = Field(default=600.0, gt=0, description="seconds a whole response may take")
    artificial_analysis_key: SecretStr = Field(
        default=SecretStr(""), description="key of Artificial Analysis; without one that source is switched off"
    )
    notify: SecretStr = Field(
        default=SecretStr(""), description="webhook (http, https) or Apprise address that is told of alerts"
    )
    revision_alert_pct: float = Field(default=5.0, gt=0, description="restatements beyond this many per cent are told")
    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="database of the Prefect server, e.g. postgresql://user:password@host/name; default: SQLite at home",
    )
    store: SecretStr = Field(
        default=SecretStr("duckdb"),
        description="where the facts are kept: duckdb (a file at home) or a lake, ducklake:postgres://user:password@host/name",
    )
    store_data: str = Field(
        default="",
        description="where the rows of a lake lie: a folder that every host sees, or s3://bucket/prefix; default: lake in the home folder",
    )
    object_endpoint: str = Field(
        default="",
        validation_alias=AliasChoices("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
        description="address of an object storage other than Amazon's, named as its tools name it",
    )
    keep_published: int = Field(default=3, ge=1, description="published files kept beside the newest link")

    keep_runs_days: int = Field(
        default=90,
        ge=1,
        description="days for which Prefect's runs, logs and artifacts are kept; the last run of each kind stays",
    )

    @property
    def root(self) -> Path:
        """The home folder as an absolute path."""
        return self.home.expanduser().resolve()
