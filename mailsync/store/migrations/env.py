"""What Alembic runs: the migrations, on the connection and inside the transaction that schema.py gives."""

from alembic import context

from mailsync.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
