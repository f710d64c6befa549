"""Runs the revisions on the connection that ``upgrade`` hands over, inside its transaction."""

from alembic import context

from broker.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot alter most of a table: batch mode copies it.
    render_as_batch=True,
)
context.run_migrations()
