"""What several programs on one PostgreSQL share: who claimed what, the pace of sending, drafts; news of changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_TOLD = ("chat", "ban")  # tables whose changes are told to who listens: see notices.py
_FUNCTION = """
CREATE FUNCTION quotewire_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('quotewire', TG_TABLE_NAME || ' ' || coalesce(NEW.id, OLD.id));
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    on_server = op.get_bind().dialect.name == "postgresql"
    for table in ("delivery", "broadcast_delivery"):
        op.add_column(table, sa.Column("owner", sa.Integer(), nullable=True))
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    op.create_table(
        "pace",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_pace")),
        prefixes=["UNLOGGED"] if on_server else [],  # of a few minutes' worth: not worth the disk's time
    )
    if on_server:
        op.execute(_FUNCTION)
        for table in _TOLD:
            op.execute(
                f"CREATE TRIGGER {table}_told AFTER INSERT OR UPDATE OR DELETE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION quotewire_tell()"
            )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in _TOLD:
            op.execute(f"DROP TRIGGER {table}_told ON {table}")
        op.execute("DROP FUNCTION quotewire_tell()")
    for table in ("pace", "draft"):
        op.drop_table(table)
    for table in ("broadcast_delivery", "delivery"):
        with op.batch_alter_table(table) as changed:
            changed.drop_column("owner")
