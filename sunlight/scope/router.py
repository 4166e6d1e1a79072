class OwnerMigrates:
    """Only the owner's connection may change the schema; the application's cannot."""

    def allow_migrate(self, db, app_label, **hints):
        return db == "owner"
