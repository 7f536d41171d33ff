"""Why a row of a graph gave no statement of its own: each code, said plainly. Data only."""

from __future__ import annotations

from kgsynth.reasons import Reason

_LISTED = "Look at the row in dropped.jsonl of the store and mend it in the source."
_NOTHING = "Nothing: it is counted so that the rows add up."


def _rows(mend: str, **sentences: str) -> list[Reason]:
    return [
        Reason(code.replace("_", "-"), "graph", sentence, mend)
        for code, sentence in sentences.items()
    ]


_ALL = (
    *_rows(
        _LISTED,
        wrong_column_count="The row has more or fewer columns than its file.",
        blank_line="The line is empty.",
        broken_quotes="A quote is opened in the row and never closed.",
        empty_id="The row names no concept where it must name one.",
        empty_name="The row gives no name where it must give one.",
        empty_predicate="The row names no relation.",
        empty_type="The row does not say of what type a concept is.",
        empty_source="The row does not say which source a concept is from.",
        no_id="The node has no value under the property that holds ids.",
        duplicate_id="The id stands in an earlier row under another name.",
        malformed_concept_id="The row holds no concept identifier (CUI) where one must stand.",
        malformed_definition="The definition cannot be read.",
        malformed_edge="The edge lacks an end or a relation, or one of them is no text.",
        malformed_equivalence="The logical definition cannot be read.",
        malformed_association="The association lacks its subject, its object or its relation.",
        malformed_association_detail="Something said of an association is not what it must be.",
        malformed_id="The value under the property that holds ids is no id.",
        malformed_index="The index of a concept is no number.",
        malformed_iri="The identifier is no IRI.",
        malformed_is_a="What the term is a kind of cannot be read.",
        malformed_relationship="The relationship lacks its relation or the other term.",
        malformed_intersection_of="The definition by intersection cannot be read.",
        malformed_equivalent_to="What the term is equivalent to cannot be read.",
        malformed_list="The list is no list.",
        hyperedge="The edge joins more than two concepts at once.",
        malformed_json="The line is no JSON object.",
        malformed_line="The line is neither a tag with its value nor a stanza.",
        malformed_negated="It cannot be told whether the edge affirms or denies.",
        malformed_node="The node lacks its id, or a part of it is not of the kind it must be.",
        malformed_stanza="The stanza has no id, or its kind is unknown.",
        malformed_synonym="The synonym cannot be read.",
        malformed_text="The text is not UTF-8.",
        malformed_value="A cell holds a list or an object where a text must stand.",
    ),
    Reason(
        "dangling",
        "graph",
        "The statement names a concept that no row of the source holds.",
        "Give the file that holds the concept as well, or leave it: the rest is not touched.",
    ),
    Reason(
        "unread-file",
        "graph",
        "The file lies in the folder of the graph and was not read: its name or its first line "
        "does not say that it belongs to it.",
        "Nothing, if it does not; else name the file itself, or call it as the kind of graph does.",
    ),
    Reason(
        "cut-short",
        "graph",
        "The file ends in the middle of this row, without a newline.",
        "Fetch or copy the file again: rows after this one may be missing too.",
    ),
    Reason(
        "missing-row",
        "graph",
        "The export says of itself that it holds so many concepts and statements more.",
        "Fetch or copy the file again, or export the graph again; if the rows were taken out on "
        "purpose, nothing.",
    ),
    Reason(
        "edges-without-nodes",
        "graph",
        "The row is of a file of edges none of whose ends any file of nodes holds.",
        "Give the file of nodes that belongs to it; or name the file of edges alone, and the ends "
        "of its edges are the concepts.",
    ),
    Reason(
        "further-source",
        "graph",
        "The row names several sources and is an edge of each: so many edges are more than rows.",
        "Nothing: take them off, and the rows add up. They are counted as repeated too.",
    ),
    Reason(
        "both-ways",
        "graph",
        "The edge has no direction, but others of its relation have one: it is stated both ways, "
        "so that there is one edge more than there are rows.",
        "Nothing: take them off, and the rows add up.",
    ),
    *_rows(
        "Read it as another filter, if you want it: what the options leave out is counted here.",
        filtered="The options leave the row out.",
        filtered_name="The options leave the name out, by its source or language.",
        filtered_concept="The options leave the concept out, by its type.",
        concept_left_out="The row names a concept that was suppressed, or that the options left "
        "out.",
        definition_left_out="The definition is of a concept, or from a source, that is left out.",
    ),
    *_rows(
        "Nothing: the source itself has withdrawn it.",
        suppressed="The source marks the row as suppressed or obsolete.",
        suppressed_name="The source marks the name as suppressed or obsolete.",
        obsolete="The term is obsolete. The one that replaces it, if any, answers to its id.",
        obsolete_detail="The line says something of an obsolete term.",
        obsolete_end="The statement names an obsolete term.",
        root_or_suppressed_parent="The row places a concept at the root, or below a name that is "
        "not kept.",
    ),
    *_rows(
        _NOTHING,
        repeated_concept="The concept stands in an earlier row as well; both rows are used.",
        self_loop="The row joins a concept to itself.",
        inverse_twin="Another row says the same the other way round; its source is kept.",
        repeated_statement="Another row says the same; its source is kept.",
        repeated_tag="A tag that may stand once stands in the stanza again.",
        annotation="The triple says something about a statement or an ontology, not about the "
        "world.",
        blank_node="The node has no name and is no structure that is understood.",
        comment="The line is a comment.",
        consider="The line names a term that may stand in for an obsolete one.",
        disjoint="The statement says that two terms have nothing in common.",
        duplicate_id_detail="The line says something of a term whose id stood before under another "
        "name.",
        empty_definition="The definition is empty.",
        empty_id_detail="The line says something of a term without an id.",
        empty_literal="The literal is empty.",
        empty_synonym="The synonym is empty.",
        foreign_triple="The triple is not part of the export that the file holds.",
        literal="The triple holds a value, not a concept.",
        negated="The relationship is denied by its number: none.",
        nested_definition="The definition stands inside another; no statement says what it does.",
        not_a_fact="The triple says how words are used, not what is so.",
        property_value="The line holds a value, not a concept.",
        quoted_triple="The triple speaks of another triple.",
        relation="The row describes a relation, not a concept.",
        relation_detail="The row says something of a relation.",
        schema="The triple belongs to the schema, not to what it describes.",
        subset="The line names a subset of the ontology.",
        top_class="The statement says that a term is a thing.",
        universal="The relationship says what a thing can be joined to, not what it is.",
        unused_stanza="The stanza is of a kind that gives no concept.",
        unused_tag="The line says something that has no place in a graph.",
    ),
)

ROW_REASONS: dict[str, Reason] = {reason.code: reason for reason in _ALL}
"""Every reason for which a reader or the compile step drops or merges a row, by code."""
