"""Set phrases of a trace: what a writer may say beside the facts, and a checker takes as said.

Data only, as the wordings of ``ontologies/predicates.yaml`` are. A step is made of concepts'
names, wordings of relations and these words; a checker that meets another word has not read
the step, and says so.
"""

from __future__ import annotations

NO_STATEMENT: dict[str, tuple[str, ...]] = {
    "en": (
        "The graph holds no statement that",
        "The graph does not say that",
    ),
    "es": (
        "El grafo no contiene ninguna afirmación de que",
        "El grafo no dice que",
    ),
}
"""What introduces a fact that the graph does not hold. One fact follows, and the sentence ends."""

STEP_WORDS: dict[str, tuple[str, ...]] = {
    "en": (
        "first second third fourth fifth next then finally last lastly so thus therefore hence",
        "because since as now here also in turn moreover furthermore and a an the this that which",
        "step know we recall note from question start begin with let us see directly mainly",
    ),
    "es": (
        "primero segundo tercero cuarto quinto luego después finalmente por último así entonces",
        "tanto porque como ahora aquí también a su vez además y e un una el la los las lo este",
        "esta esto ese esa eso que cual paso sabemos recordemos pregunta partimos directamente",
    ),
}
"""Words that carry a step along and state nothing."""

RULE_OUT_WORDS: dict[str, tuple[str, ...]] = {
    "en": ("option is are not out ruled rule can cannot be the answer wrong drops falls",),
    "es": (
        "opción es son no se queda descarta descartada descartado puede ser respuesta incorrecta",
    ),
}
"""Words that turn an option away and give no reason yet."""
