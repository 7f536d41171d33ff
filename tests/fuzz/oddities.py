"""Words, marks and values that few files hold, and that readers trip over."""

from __future__ import annotations

from typing import Any

ODD_CELLS = (
    b"", b" ", b"0", b"-1", b"1e999", b"99999999999999999999999", b"nan", b"NULL", b"None",
    b"true", b'"', b'""', b'"a', b'a"b', b'"a""b"', b"'", b"\\", b"|", b"||", b";", b",", b"\t",
    b" \t ", b"\r", b"\n", b"\x00", b"\x0b", b"\x0c", b"\x1c", b"\x1f", b"\x7f", b"\xff", b"\xc3",
    b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xc2\x85", b"\xc2\xa0", b"\xef\xbf\xbf",
    b"e\xcc\x81", b"\xe2\x80\xae", b"\xf0\x9f\x92\xa1", b"a:b", b":", b"a:", b":b", b"GO:GO:1",
    b"http://", b"http://[", b"https://example.org/#", b"../../etc", b"*", b"#", b"%23", b"${x}",
    b"=1+1", b"<a>", b"&lt;", b"\\u0000", b"umls:", b"is_a", b"C9999999", b"CL9999999",
    b"CL999999", b"A9999999999", b"Y", b"O", b"owl:Thing", b"KgsynthConcept", b"kgsynth", b"id",
    b"source", b"name@es", b"::", b"Gene::", b"::1", b"a::b::c", b"1_2_", b"_", b"obo:",
    b"rdf:type", b"rdfs:subClassOf", b"\x1b[31m",
)  # fmt: skip
"""What few cells hold."""

WORDS = (
    b"[", b"]", b"{", b"}", b"(", b")", b"<<", b">>", b"{|", b'"""', b"'''", b'"', b"\\", b"^^",
    b"@en", b"@x-none", b"@prefix", b"@base <", b"_:b", b"_:", b"[]", b"()", b"a", b"=", b"=>",
    b".", b";", b",", b"<>", b"<a b>", b"<http://[>", b"<\xff>", b"!", b"! x", b'{a="b"}', b'{a="',
    b"[Term]", b"[Typedef]", b"[", b"[X", b"id:", b"name:", b"is_a:", b"relationship:",
    b"synonym:", b"def:", b"xref:", b"is_obsolete: true", b"replaced_by:", b"GLOW:1", b"GLOW:2",
    b"\\n", b"\\\\", b'\\"', b"\\u0000", b"\\ud800", b"\\U00110000", b"\\x", b"1e999", b"?x",
    b"rdf:first", b"rdf:rest", b"rdf:nil", b"owl:Axiom", b"owl:Ontology", b"owl:deprecated",
    b"owl:intersectionOf", b"owl:onProperty", b"skos:broader",
)  # fmt: skip
"""Marks and words of OBO, Turtle and N3."""

MARKUP = (
    b"<", b">", b"&", b"&amp;", b"&#0;", b"&#xD800;", b"&#x10FFFF;", b"&e;", b"<!--", b"-->",
    b"<![CDATA[", b"]]>", b"<?x?>", b"<?xml version='1.0' encoding='utf-16'?>", b"<a>", b"</a>",
    b"<x:y/>", b"<node/>", b"<edge/>", b"<graph>", b"</graph>", b"<data>", b"<key/>", b"<default>",
    b"<owl:Class/>", b'<!DOCTYPE a [<!ENTITY e "x">]>',
    b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x">',
    b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
    b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY e "&b;&b;&b;&b;&b;&b;">]>',
    b'<!DOCTYPE a [<!ENTITY % p "<!ENTITY e \'x\'>"> %p;]>', b' xml:lang="x-y"',
    b' rdf:parseType="Literal"', b' rdf:parseType="Collection"', b' rdf:datatype="x"',
    b' rdf:ID="a b"', b' rdf:nodeID="1"', b' xmlns="x"', b' xmlns:rdf="y"', b' id=""',
    b' source=""', b' rdf:about=""', b' rdf:about="http://["', b' xml:base=":"',
)  # fmt: skip
"""Pieces of XML, and attributes."""

ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1 << 63, 10 ** 30, 1.5, 1e+308, "", " ", "a", "\x00", "\ud800",
    "\u2028", "é", 'x' * 300, [], {}, [[]], [{}], {"a": None}, ["a", 1, None], [["a"]], {"val": 1},
    "a|b", "a:b", "CLASS", "PROPERTY", "INDIVIDUAL", "both", "forward", "is_a", "type",
    "http://example.org/#", "http://[", {"$date": 1}, {'$date': 10 ** 12},
    {"$datetime": [0, 0, 0]}, {"$point": [4326, 1.0, 2.0]}, {"$duration": [1, 2, 3, 4]},
    {"$bytes": "00ff"}, {"$node": [1, ["A"], {"id": 1}]}, {"$float": "nan"}, {"$float": "inf"},
    {"$time": [1, 2]}, {"@id": "_:b"}, {"@list": [1]}, {"@value": 1, "@type": 1}, 40, 300, 700,
    {"at": "MATCH", "code": "Neo.ClientError.Statement.SyntaxError", "message": 'a\nb'},
    {'at': 'id', 'code': 'Neo.TransientError.General.OutOfMemoryError', 'message': 'x' * 900},
    {"at": "BEGIN", "code": 7},
    {"at": "RETURN 1", "code": "Neo.ClientError.Security.Unauthorized"},
    {"@context": "http://127.0.0.1:9/"}, {"@context": None}, {"@graph": []}, {"@reverse": {}},
)  # fmt: skip
"""Values of JSON; ``{"$date": 1}`` and its like are values of a server: see `scripted_bolt`."""

ODD_KEYS = (
    "", "id", "name", "nodes", "edges", "graphs", "meta", "val", "@id", "@type", "@context",
    "#row", "kgsynth", "subject", "object", "predicate", "\ud800", "deprecated", "name@es",
    "names", 'a' * 300,
)  # fmt: skip
"""Keys of JSON."""
