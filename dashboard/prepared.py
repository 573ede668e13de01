"""Lookups that every request makes: their SQL is written once a database, which costs Django more than running it."""

from collections.abc import Callable
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

Found = TypeVar("Found", bound=Model)


class Prepared(Generic[Found]):
    """The first row of `rows(value)`, where `value` is the query's only parameter."""

    def __init__(self, rows: Callable[[Any], QuerySet[Found, Any]]) -> None:
        self.rows = rows
        self.written = cache(self.write)

    def write(self, vendor: str) -> tuple[str, Callable[[tuple[Any, ...]], Found]]:
        compiler = self.rows("0")[:1].query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        assert len(parameters) == 1, parameters
        assert compiler.klass_info is not None
        info, select = compiler.klass_info, compiler.select
        fields = info["select_fields"]
        start, end = fields[0], fields[-1] + 1
        names = [column[0].target.attname for column in select[start:end]]
        others = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]  # stubs are ahead
        columns = list(compiler.get_converters([column[0] for column in select]).items())

        def instance(row: tuple[Any, ...]) -> Found:
            values = list(row)
            for index, (functions, expression) in columns:
                for function in functions:
                    values[index] = function(values[index], expression, connection)
            found: Found = info["model"].from_db(connection.alias, names, values[start:end])
            for other in others:
                other.populate(values, found)
            return found

        return sql, instance

    def first(self, value: Any) -> Found | None:
        sql, instance = self.written(connection.vendor)
        with connection.cursor() as cursor:
            cursor.execute(sql, [value])
            row = cursor.fetchone()
        return None if row is None else instance(row)
