"""Concepts of Hetionet, by kind and name, that are generic or specific in the eyes of a clinician.

Generic is what joins anything to anything: to learn that two diseases both hurt, or both have to
do with the blood, is to learn nothing. Specific is what a textbook has a chapter on, however many
neighbours it has. Chosen by hand, without a look at their degrees.
"""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in " ".join(text.split()).split(";"))


GENERIC: dict[str, tuple[str, ...]] = {
    "anatomy": _words(
        """
        blood; brain; liver; lung; heart; kidney; head; neck; eye; ear; nose; mouth; face; arm;
        leg; nerve; artery; vein; embryo; epithelium; appendage; tendon; cartilage tissue; skin of
        body; muscle tissue; bone tissue; connective tissue; adipose tissue; nervous system;
        central nervous system; immune system; digestive system; respiratory system;
        cardiovascular system; endocrine system; hematopoietic system; renal system;
        musculoskeletal system; blood vessel; endocrine gland; exocrine gland
        """
    ),
    "finding": _words(
        """
        Pain; Fever; Edema; Nausea; Vomiting; Headache; Diarrhea; Cough; Dizziness; Asthenia;
        Pruritus; Body Weight; Body Weight Changes; Neurologic Manifestations; Skin
        Manifestations; Oral Manifestations; Signs and Symptoms, Digestive; Signs and Symptoms,
        Respiratory; Sensation Disorders; Communication Disorders; Vision Disorders; Consciousness
        Disorders; Abdominal Pain; Weight Loss
        """
    ),
    "side_effect": _words(
        """
        Nausea; Headache; Pain; Fatigue; Vomiting; Dizziness; Rash; Pruritus; Diarrhoea; Death;
        Infection; Inflammation; Oedema; Asthenia; Gastrointestinal disorder; Hypersensitivity;
        Insomnia; Constipation; Abdominal pain; Dyspnoea; Cough; Malaise; Discomfort; Nervous
        system disorder; Skin disorder; Cardiac disorder; Body temperature increased
        """
    ),
    "pathway": _words(
        """
        Disease; Gene Expression; Immune System; Metabolism; Signaling Pathways; Cell Cycle;
        Metabolism of proteins; Developmental Biology
        """
    ),
}

SPECIFIC: dict[str, tuple[str, ...]] = {
    "disease": _words(
        """
        Crohn's disease; Alzheimer's disease; psoriasis; systemic lupus erythematosus; membranous
        glomerulonephritis; Gilles de la Tourette syndrome; type 1 diabetes mellitus; alopecia
        areata; Fuchs' endothelial dystrophy; idiopathic pulmonary fibrosis; Kawasaki disease;
        primary biliary cirrhosis; otosclerosis; nephrolithiasis; Behcet's disease; amyotrophic
        lateral sclerosis; thoracic aortic aneurysm; breast cancer; type 2 diabetes mellitus;
        multiple sclerosis; vitiligo; Creutzfeldt-Jakob disease; hepatitis B; melanoma; gout;
        polycystic ovary syndrome; Graves' disease; IgA glomerulonephritis; age related macular
        degeneration; malaria; systemic scleroderma; ankylosing spondylitis; celiac disease;
        sclerosing cholangitis; malignant mesothelioma; narcolepsy; Parkinson's disease; Paget's
        disease of bone; leprosy; Barrett's esophagus
        """
    ),
    "finding": _words(
        """
        Kleine-Levin Syndrome; Alien Hand Syndrome; Horner Syndrome; Gerstmann Syndrome; Adie
        Syndrome; Menkes Kinky Hair Syndrome; Lesch-Nyhan Syndrome; Susac Syndrome; Wolfram
        Syndrome; Rett Syndrome; Hemifacial Spasm; Amaurosis Fugax; Prosopagnosia;
        Neuroacanthocytosis; Necrolytic Migratory Erythema
        """
    ),
    "anatomy": _words(
        """
        juxtaglomerular apparatus; area postrema; zona glomerulosa of adrenal gland; sinoatrial
        node; locus ceruleus; islet of Langerhans; macula lutea; loop of Henle; fovea centralis;
        oval window; stria vascularis of cochlear duct; tarsal gland; bile canaliculus; purkinje
        fiber; endolymphatic sac
        """
    ),
    "drug": _words(
        """
        Metformin; Warfarin; Imatinib; Lamotrigine; Allopurinol; Colchicine; Simvastatin;
        Omeprazole; Methotrexate; Haloperidol; Furosemide; Amiodarone; Tamoxifen; Digoxin;
        Sildenafil
        """
    ),
    "gene": _words(
        """
        BRCA1; TP53; INS; HTT; APOE; CFTR; DMD; FBN1; PAH; HBB; F8; GLA; LDLR; RET; VHL
        """
    ),
}
