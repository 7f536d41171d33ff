"""The 127 semantic types of the UMLS, how common each is made, and who relates to whom by what."""

from __future__ import annotations

from typing import NamedTuple

_TYPES = """
001 A1.1 LIVB Organism
002 A1.1.3.3 LIVB Plant
004 A1.1.3.2 LIVB Fungus
005 A1.1.4 LIVB Virus
007 A1.1.2 LIVB Bacterium
008 A1.1.3.1 LIVB Animal
010 A1.1.3.1.1 LIVB Vertebrate
011 A1.1.3.1.1.1 LIVB Amphibian
012 A1.1.3.1.1.2 LIVB Bird
013 A1.1.3.1.1.3 LIVB Fish
014 A1.1.3.1.1.5 LIVB Reptile
015 A1.1.3.1.1.4 LIVB Mammal
016 A1.1.3.1.1.4.1 LIVB Human
017 A1.2 ANAT Anatomical Structure
018 A1.2.1 ANAT Embryonic Structure
019 A1.2.2.1 DISO Congenital Abnormality
020 A1.2.2.2 DISO Acquired Abnormality
021 A1.2.3 ANAT Fully Formed Anatomical Structure
022 A2.1.4.1 ANAT Body System
023 A1.2.3.1 ANAT Body Part, Organ, or Organ Component
024 A1.2.3.2 ANAT Tissue
025 A1.2.3.3 ANAT Cell
026 A1.2.3.4 ANAT Cell Component
028 A1.2.3.5 GENE Gene or Genome
029 A2.1.5.2 ANAT Body Location or Region
030 A2.1.5.1 ANAT Body Space or Junction
031 A1.4.2 ANAT Body Substance
032 A2.3 PHYS Organism Attribute
033 A2.2 DISO Finding
034 A2.2.1 PHEN Laboratory or Test Result
037 B2.3 DISO Injury or Poisoning
038 B2.2.1 PHEN Biologic Function
039 B2.2.1.1 PHYS Physiologic Function
040 B2.2.1.1.1 PHYS Organism Function
041 B2.2.1.1.1.1 PHYS Mental Process
042 B2.2.1.1.2 PHYS Organ or Tissue Function
043 B2.2.1.1.3 PHYS Cell Function
044 B2.2.1.1.4 PHYS Molecular Function
045 B2.2.1.1.4.1 PHYS Genetic Function
046 B2.2.1.2 DISO Pathologic Function
047 B2.2.1.2.1 DISO Disease or Syndrome
048 B2.2.1.2.1.1 DISO Mental or Behavioral Dysfunction
049 B2.2.1.2.2 DISO Cell or Molecular Dysfunction
050 B2.2.1.2.3 DISO Experimental Model of Disease
051 B ACTI Event
052 B1 ACTI Activity
053 B1.1 ACTI Behavior
054 B1.1.1 ACTI Social Behavior
055 B1.1.2 ACTI Individual Behavior
056 B1.2 ACTI Daily or Recreational Activity
057 B1.3 ACTI Occupational Activity
058 B1.3.1 PROC Health Care Activity
059 B1.3.1.1 PROC Laboratory Procedure
060 B1.3.1.2 PROC Diagnostic Procedure
061 B1.3.1.3 PROC Therapeutic or Preventive Procedure
062 B1.3.2 PROC Research Activity
063 B1.3.2.1 PROC Molecular Biology Research Technique
064 B1.3.3 ACTI Governmental or Regulatory Activity
065 B1.3.4 PROC Educational Activity
066 B1.4 ACTI Machine Activity
067 B2 PHEN Phenomenon or Process
068 B2.1 PHEN Human-caused Phenomenon or Process
069 B2.1.1 PHEN Environmental Effect of Humans
070 B2.2 PHEN Natural Phenomenon or Process
071 A OBJC Entity
072 A1 OBJC Physical Object
073 A1.3 OBJC Manufactured Object
074 A1.3.1 DEVI Medical Device
075 A1.3.2 DEVI Research Device
077 A2 CONC Conceptual Entity
078 A2.1 CONC Idea or Concept
079 A2.1.1 CONC Temporal Concept
080 A2.1.2 CONC Qualitative Concept
081 A2.1.3 CONC Quantitative Concept
082 A2.1.5 CONC Spatial Concept
083 A2.1.5.4 GEOG Geographic Area
085 A2.1.5.3 GENE Molecular Sequence
086 A2.1.5.3.1 GENE Nucleotide Sequence
087 A2.1.5.3.2 GENE Amino Acid Sequence
088 A2.1.5.3.3 GENE Carbohydrate Sequence
089 A2.4.2 CONC Regulation or Law
090 A2.6 OCCU Occupation or Discipline
091 A2.6.1 OCCU Biomedical Occupation or Discipline
092 A2.7 ORGA Organization
093 A2.7.1 ORGA Health Care Related Organization
094 A2.7.2 ORGA Professional Society
095 A2.7.3 ORGA Self-help or Relief Organization
096 A2.9 LIVB Group
097 A2.9.1 LIVB Professional or Occupational Group
098 A2.9.2 LIVB Population Group
099 A2.9.3 LIVB Family Group
100 A2.9.4 LIVB Age Group
101 A2.9.5 LIVB Patient or Disabled Group
102 A2.8 CONC Group Attribute
103 A1.4.1 CHEM Chemical
104 A1.4.1.2 CHEM Chemical Viewed Structurally
109 A1.4.1.2.1 CHEM Organic Chemical
114 A1.4.1.2.1.5 CHEM Nucleic Acid, Nucleoside, or Nucleotide
116 A1.4.1.2.1.7 CHEM Amino Acid, Peptide, or Protein
120 A1.4.1.1 CHEM Chemical Viewed Functionally
121 A1.4.1.1.1 CHEM Pharmacologic Substance
122 A1.4.1.1.2 CHEM Biomedical or Dental Material
123 A1.4.1.1.3 CHEM Biologically Active Substance
125 A1.4.1.1.3.2 CHEM Hormone
126 A1.4.1.1.3.3 CHEM Enzyme
127 A1.4.1.1.3.4 CHEM Vitamin
129 A1.4.1.1.3.5 CHEM Immunologic Factor
130 A1.4.1.1.4 CHEM Indicator, Reagent, or Diagnostic Aid
131 A1.4.1.1.5 CHEM Hazardous or Poisonous Substance
167 A1.4 OBJC Substance
168 A1.4.3 OBJC Food
169 A2.1.4 CONC Functional Concept
170 A2.4 CONC Intellectual Product
171 A2.5 CONC Language
184 A2.2.2 DISO Sign or Symptom
185 A2.4.1 CONC Classification
190 A1.2.2 DISO Anatomical Abnormality
191 B2.2.1.2.1.2 DISO Neoplastic Process
192 A1.4.1.1.3.6 CHEM Receptor
194 A1.1.1 LIVB Archaeon
195 A1.4.1.1.1.1 CHEM Antibiotic
196 A1.4.1.2.3 CHEM Element, Ion, or Isotope
197 A1.4.1.2.2 CHEM Inorganic Chemical
200 A1.3.3 CHEM Clinical Drug
201 A2.3.1 PHYS Clinical Attribute
203 A1.3.1.1 DEVI Drug Delivery Device
204 A1.1.3 LIVB Eukaryote
"""
"""Number, place in the tree, group, name."""


class SemanticType(NamedTuple):
    """A semantic type."""

    tui: str
    tree: str
    group: str
    name: str


def _parsed(line: str) -> SemanticType:
    number, tree, group, name = line.split(" ", 3)
    return SemanticType(f"T{number}", tree, group, name)


TYPES = tuple(_parsed(line) for line in _TYPES.strip().splitlines())
GROUPS = tuple(sorted({semantic_type.group for semantic_type in TYPES}))

_COMMON = {
    "T002": 90, "T004": 30, "T007": 110, "T023": 45, "T028": 70, "T029": 12, "T033": 75,
    "T037": 60, "T047": 90, "T059": 35, "T060": 25, "T061": 90, "T074": 35, "T109": 150,
    "T116": 100, "T121": 110, "T123": 50, "T126": 30, "T170": 25, "T184": 8, "T191": 35,
    "T200": 110, "T201": 90, "T203": 20, "T204": 120,
}  # fmt: skip
_RARE = 4
SHARES = {place: float(_COMMON.get(kind.tui, _RARE)) for place, kind in enumerate(TYPES)}
"""How common each type is, by its place: organisms, chemicals and disorders come first."""

GENERIC = (
    ("T033", "Finding"),
    ("T047", "Disease"),
    ("T024", "Tissue"),
    ("T058", "Procedure"),
    ("T167", "Substance"),
    ("T046", "Pathologic process"),
    ("T029", "Structure of body region"),
    ("T023", "Entire organ"),
    ("T061", "Therapy"),
    ("T080", "Qualifier value"),
    ("T184", "Symptom"),
    ("T191", "Neoplasm"),
    ("T116", "Protein"),
    ("T028", "Gene"),
    ("T025", "Cell"),
    ("T101", "Patient"),
    ("T059", "Laboratory test"),
    ("T074", "Device"),
    ("T047", "Disorder of body system"),
    ("T033", "Clinical finding"),
    ("T046", "Inflammation"),
    ("T047", "Syndrome"),
    ("T184", "Pain"),
    ("T121", "Medicine"),
)
"""Types and names of the largest hubs: plain words for what everything is an instance of."""
