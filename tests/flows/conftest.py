import shutil


def pytest_collection_modifyitems(config, items):
    """The trade by curl runs where there is a curl; `.ci/run` installs it."""
    if shutil.which("curl"):
        return
    kept = [
        item for item in items if item.name != "test_the_script_of_the_documentation_trades_from_workbook_to_payment"
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept
