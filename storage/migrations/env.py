"""Runs the migrations on the connection and inside the transaction that `Database.upgrade` opened."""

from __future__ import annotations

from alembic import context

from storage.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
    transactional_ddl=True,  # true of SQLite too, when the driver does not commit by itself
)
context.run_migrations()
