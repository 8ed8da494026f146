"""Prints the rows of a table of an SQLite file as d2db's JSON gives them, to be compared as values. Usage: sqlite_rows.py
FILE.db TABLE JSON: reads JSON (d2db sql --format json, ordered as by the first column), says what differs, status 1 then."""
import json
import math
import sqlite3
import struct
import sys
from decimal import Decimal


def same(ours, theirs, column):
    if ours is None or theirs is None:
        return ours is theirs
    if isinstance(theirs, bytes):
        return ours == "\\x" + theirs.hex()
    if isinstance(ours, bool):
        return int(ours) == theirs
    if column == "r" and isinstance(theirs, float) and isinstance(ours, Decimal):  # a real: equal as 32 bits
        return struct.unpack("f", struct.pack("f", float(ours)))[0] == theirs
    if isinstance(theirs, float):
        text = str(ours)
        return float(text.replace("Infinity", "inf")) == theirs and not math.isnan(theirs)
    if isinstance(theirs, int):
        return Decimal(str(ours)) == theirs
    return (format(ours, "f") if isinstance(ours, Decimal) else str(ours)) == theirs


def main():
    file, table, ours_file = sys.argv[1:]
    with open(ours_file, encoding="utf-8") as f:
        ours = json.load(f, parse_float=Decimal, parse_int=Decimal)
    db = sqlite3.connect(file)
    name = table.replace('"', '""')
    columns = len(db.execute('SELECT * FROM "%s" LIMIT 0' % name).description)
    cursor = db.execute('SELECT * FROM "%s" ORDER BY %s' % (name, "1, 2" if columns > 1 else "1"))
    names = [c[0] for c in cursor.description]
    theirs = cursor.fetchall()
    bad = 0
    if len(ours) != len(theirs):
        print("%d rows here, %d there" % (len(ours), len(theirs)))
        bad = 1
    for row, other in zip(ours, theirs):
        for name, value in zip(names, other):
            if not same(row[name], value, name):
                print("%s: %r here, %r there (row %s)" % (name, row[name], value, other[0]))
                bad = 1
    sys.exit(bad)


main()
