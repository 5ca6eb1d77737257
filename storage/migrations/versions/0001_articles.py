"""Articles, where they were found, what they said before, and who is quoted in them."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "article",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reader_version", sa.Integer(), nullable=False),
        sa.Column("lead_key", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("url_key", sa.String(), nullable=True),
        sa.Column("paragraph_count", sa.Integer(), nullable=False),
        sa.Column("quote_count", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("month", sa.Integer(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column("date", sa.String(), nullable=True),
        sa.Column("date_origin", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("section", sa.String(), nullable=True),
        sa.Column("source_name", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
    )
    op.create_index("ix_article_change", "article", ["change"], unique=False)
    op.create_index("ix_article_date", "article", ["year", "month", "day"], unique=False)
    op.create_index("ix_article_latest", "article", ["first_seen_at", "id"], unique=False)
    op.create_index("ix_article_reader_version", "article", ["reader_version"], unique=False)
    op.create_index("ix_article_text_hash", "article", ["text_hash"], unique=False)
    op.create_index("ix_article_url_key", "article", ["url_key"], unique=False)
    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("last_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("address", name=op.f("uq_source_address")),
    )
    op.create_table(
        "state",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_state")),
    )
    op.create_table(
        "article_version",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("date", sa.String(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_version_article_id")),
        sa.PrimaryKeyConstraint("article_id", "version", name=op.f("pk_article_version")),
    )
    op.create_table(
        "origin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_origin_article_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_origin_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_origin")),
        sa.UniqueConstraint("key", "source_id", name=op.f("uq_origin_key")),
    )
    op.create_index("ix_origin_article_id", "origin", ["article_id"], unique=False)
    op.create_index("ix_origin_source_id", "origin", ["source_id"], unique=False)
    op.create_table(
        "quotation",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("speaker_key", sa.String(), nullable=False),
        sa.Column("speaker_name", sa.String(), nullable=False),
        sa.Column("speaker_role", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_quotation_article_id")),
        sa.PrimaryKeyConstraint("article_id", "number", name=op.f("pk_quotation")),
    )
    op.create_index("ix_quotation_speaker", "quotation", ["speaker_key", "article_id"], unique=False)
    # `database` tells this database from any other, so that an index built from another is not taken for its own.
    state = sa.table("state", sa.column("name", sa.String), sa.column("value", sa.String))
    op.bulk_insert(state, [{"name": "database", "value": uuid.uuid4().hex}, {"name": "change", "value": "0"}])


def downgrade() -> None:
    op.drop_index("ix_quotation_speaker", table_name="quotation")
    op.drop_table("quotation")
    op.drop_index("ix_origin_source_id", table_name="origin")
    op.drop_index("ix_origin_article_id", table_name="origin")
    op.drop_table("origin")
    op.drop_table("article_version")
    op.drop_table("state")
    op.drop_table("source")
    op.drop_index("ix_article_url_key", table_name="article")
    op.drop_index("ix_article_text_hash", table_name="article")
    op.drop_index("ix_article_reader_version", table_name="article")
    op.drop_index("ix_article_latest", table_name="article")
    op.drop_index("ix_article_date", table_name="article")
    op.drop_index("ix_article_change", table_name="article")
    op.drop_table("article")
