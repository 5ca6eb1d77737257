"""Stories: which articles are copies of one another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("article") as article:
        article.add_column(sa.Column("story_id", sa.Integer(), nullable=True))
        article.create_index("ix_article_story_id", ["story_id"], unique=False)
    op.create_table(
        "story_band",
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_story_band_article_id")),
        sa.PrimaryKeyConstraint("band", "article_id", name=op.f("pk_story_band")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_story_band_article_id", "story_band", ["article_id"], unique=False)


def downgrade() -> None:
    op.drop_table("story_band")
    with op.batch_alter_table("article") as article:
        article.drop_index("ix_article_story_id")
        article.drop_column("story_id")
