from stores.columns.port import Columns


async def test_whether_a_table_exists_is_told(columns: Columns, table: str) -> None:
    assert await columns.has_table(table)
    assert not await columns.has_table(f"{table}_of_nobody")
