"""The rows of a table, seen from outside."""

from typing import Any

from emulator import Emulator


class Rows:
    def __init__(self, emulator: Emulator, table: str) -> None:
        self._dynamo = emulator.client("dynamodb")
        self._table = table

    def of(self, account: str) -> list[Any]:
        """Every row whose partition belongs to an account."""
        pages = self._dynamo.get_paginator("scan").paginate(
            TableName=self._table,
            FilterExpression="begins_with(pk, :start)",
            ExpressionAttributeValues={":start": {"S": f"{account}#"}},
        )
        return [row for page in pages for row in page["Items"]]

    def change(self, row: Any, **numbers: int) -> None:
        """Sets attributes of a row."""
        self._dynamo.update_item(
            TableName=self._table,
            Key={"pk": row["pk"], "sk": row["sk"]},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in numbers),
            ExpressionAttributeNames={f"#{name}": name for name in numbers},
            ExpressionAttributeValues={
                f":{name}": {"N": str(value)} for name, value in numbers.items()
            },
        )
