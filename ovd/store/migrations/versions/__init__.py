"""One module per revision, in the order of `ovd.store.schema.upgrade.REVISIONS`."""
