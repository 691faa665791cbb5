"""Spark: the same expressions on many machines. The only room that knows pyspark."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis

from coterie.engines.arrow_types import ibis_schema, schema_of
from coterie.engines.contract import FileFormat, MalformedFile
from coterie.engines.portable import parse_dates
from coterie.engines.spark_sql import quoted, spelt, sql_of

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


class SparkEngine:
    name = "spark"
    remote = True

    def __init__(self, master: str = "local[*]") -> None:
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.appName("coterie")
        builder = builder.remote(master) if master.startswith("sc://") else builder.master(master)
        for key, value in {
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.ansi.enabled": "true",
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "8",
            "spark.sql.adaptive.enabled": "true",
        }.items():
            builder = builder.config(key, value)
        self._spark: Any = builder.getOrCreate()
        self._spark.sparkContext.setLogLevel("ERROR")
        self._names = (f"_coterie_{number}" for number in itertools.count())

    def scan_csv(self, path: Path, *, delimiter: str, quote: str, skip: int, columns: Sequence[str]) -> ir.Table:
        from pyspark.sql.types import StringType, StructField, StructType

        if skip != 1:
            raise MalformedFile("lines above the header")
        shape = StructType([StructField(name, StringType()) for name in columns])
        frame = self._spark.read.csv(
            str(path),
            schema=shape,
            sep=delimiter,
            quote=quote,
            escape=quote,
            header=True,
            mode="FAILFAST",
            enforceSchema=True,
            multiLine=False,
        )
        return self._numbered(frame, dict.fromkeys(columns, "string"))

    def scan_parquet(self, path: Path, *, columns: Sequence[str]) -> ir.Table:
        frame = self._spark.read.parquet(str(path)).toDF(*columns)
        return self._numbered(frame, {name: _type(kind) for name, kind in frame.dtypes})

    def _numbered(self, frame: Any, types: Mapping[str, Any]) -> ir.Table:
        from pyspark.sql.functions import col, monotonically_increasing_id

        name = next(self._names)
        casts = [col(quoted(column)).cast(spelt(ibis.dtype(kind))).alias(column) for column, kind in types.items()]
        frame.select(*casts, (monotonically_increasing_id() + 1).alias("_line")).createOrReplaceTempView(name)
        return ibis.table({**types, "_line": "int64"}, name=name)

    def load(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> ir.Table:
        import pyarrow as pa

        name = next(self._names)
        table = pa.Table.from_batches(batches, schema)
        self._spark.createDataFrame(table).createOrReplaceTempView(name)
        return ibis.table(ibis_schema(schema), name=name)

    def parse_dates(self, column: ir.StringColumn, formats: Sequence[str]) -> ir.DateColumn:
        return parse_dates(column, formats)

    def keep(self, expression: ir.Table, *, order_by: Sequence[str] = ()) -> ir.Table:
        name = next(self._names)
        frame = self._spark.sql(sql_of(expression)).persist()
        frame.createOrReplaceTempView(name)
        return ibis.table(expression.schema(), name=name)

    def collect(self, expression: ir.Table) -> pa.Table:
        return self._spark.sql(sql_of(expression)).toArrow().cast(schema_of(expression.schema()))

    def blocks(self, expression: ir.Table, rows: int = 250_000) -> Iterator[pa.RecordBatch]:
        yield from self.collect(expression).to_batches(rows)

    def write(self, expression: ir.Table, path: Path, file_format: FileFormat) -> None:
        frame = self._spark.sql(sql_of(expression))
        (frame.write.parquet if file_format == "parquet" else frame.write.csv)(str(path))

    def close(self) -> None:
        self._spark.stop()


def _type(spelt_there: str) -> Any:
    names = {
        "bigint": "int64",
        "int": "int32",
        "smallint": "int16",
        "tinyint": "int8",
        "double": "float64",
        "float": "float32",
    }
    if spelt_there.startswith("decimal"):
        return ibis.dtype("float64")
    if spelt_there.startswith("timestamp"):
        return ibis.dtype("timestamp")
    return ibis.dtype(names.get(spelt_there, spelt_there))
