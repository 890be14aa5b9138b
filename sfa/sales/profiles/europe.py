"""What files in German, French, Spanish, Italian, Portuguese and Dutch call our fields, whatever product wrote them. Facts only.

These are aliases like those of `common.py`: a product's own names, a field's own name and label go before them.
"""

from __future__ import annotations

# Names are separated by " | "; case, blanks and punctuation do not matter, accents do.
_REACH = {
    "email": (
        "e-mail-adresse | emailadresse | mail | courriel | adresse e-mail | adresse mail | correo electrónico | correo | e-mailadres"
    ),
    "phone": (
        "telefon | telefonnummer | festnetz | telefon geschäftlich | tel | tel. | rufnummer | téléphone | tél | téléphone professionnel | "
        "teléfono | telefono | telefone | telefoon | telefoonnummer"
    ),
    "website": "webseite | internetseite | internet | site web | site internet | sitio web | página web | sito web | site",
    "street": (
        "straße | strasse | anschrift | adresse | rue | dirección | calle | indirizzo | via | endereço | morada | rua | straat | adres"
    ),
    "city": (
        "ort | stadt | wohnort | ville | commune | ciudad | localidad | città | comune | cidade | localidade | stad | plaats | woonplaats"
    ),
    "postal_code": "plz | postleitzahl | code postal | cp | código postal | cap | cep | postcode",
    "state": "bundesland | kanton | région | département | provincia | comunidad autónoma | regione | estado | distrito | provincie",
    "country": "land | staat | pays | país | paese | nazione",
    "description": (
        "bemerkung | bemerkungen | notiz | notizen | beschreibung | remarque | commentaire | notas | note | observaciones | opmerking"
    ),
    "source": "quelle | herkunft | leadquelle | source du lead | origine | origen | fuente | fonte | origem | bron",
    "owner": (
        "betreuer | verkäufer | zuständig | verantwortlich | besitzer | kundenbetreuer | responsable | commercial | propriétaire | "
        "vendedor | comercial | propietario | responsabile | venditore | proprietario | responsável | proprietário | eigenaar | verkoper"
    ),
    "industry": "branche | secteur | secteur d'activité | sector | settore | setor | bedrijfstak",
    "employees": (
        "mitarbeiter | mitarbeiterzahl | anzahl mitarbeiter | effectif | nombre d'employés | empleados | dipendenti | funcionários"
    ),
}
_FIRM = (
    "firma | unternehmen | firmenname | kunde | organisation | société | entreprise | raison sociale | client | empresa | compañía | "
    "razón social | cliente | azienda | società | ragione sociale | companhia | bedrijf | bedrijfsnaam | klant | firmanaam"
)
_PERSON = {
    "name": (
        "ansprechpartner | vollständiger name | kontakt | nom complet | interlocuteur | nombre completo | nome completo | "
        "naam | contactpersoon"
    ),
    "first_name": "vorname | prénom | nombre | nome | voornaam | nombre de pila",
    "last_name": "nachname | familienname | nom | nom de famille | apellido | apellidos | cognome | sobrenome | apelido | achternaam",
    "title": "funktion | stellung | berufsbezeichnung | titel | fonction | poste | cargo | puesto | ruolo | função | functie",
    "mobile": (
        "handy | mobil | mobiltelefon | mobilnummer | natel | portable | téléphone portable | móvil | celular | "
        "cellulare | telemóvel | mobiel"
    ),
    **_REACH,
}
WORDS: dict[str, dict[str, str]] = {
    "account": {"name": _FIRM, **_REACH, "annual_revenue": "umsatz | jahresumsatz | chiffre d'affaires | facturación | fatturato | omzet"},
    "contact": {"account": _FIRM, **_PERSON},
    "lead": {
        "company": _FIRM,
        **_PERSON,
        "status": "lead-status | bearbeitungsstatus | statut | estado del lead | stato",
        "rating": "bewertung | einstufung | temperatur",
        "created": (
            "angelegt | angelegt am | erstellt am | erstkontakt | créé le | date de création | fecha de creación | creato il | "
            "data de criação"
        ),
    },
    "user": {"name": "mitarbeiter | vendeur | vendedor | venditore", "email": _REACH["email"]},
    "opportunity": {
        "name": (
            "verkaufschance | chance | projekt | bezeichnung | opportunité | affaire | oportunidad | opportunità | "
            "oportunidade | verkoopkans"
        ),
        "account": _FIRM,
        "contact": "ansprechpartner | interlocuteur | persona de contacto | contatto | contactpersoon",
        "stage": "phase | verkaufsphase | stufe | étape | phase de vente | etapa | fase | fase di vendita | stadium",
        "amount": "betrag | wert | auftragswert | volumen | montant | valeur | importe | valor | importo | valore | bedrag | waarde",
        "currency": "währung | devise | moneda | divisa | valuta | moeda",
        "close": (
            "abschlussdatum | erwarteter abschluss | voraussichtlicher abschluss | date de clôture | date de signature prévue | "
            "fecha de cierre | data di chiusura | data de fechamento | verwachte sluitingsdatum | sluitingsdatum"
        ),
        "opened": "angelegt | angelegt am | erstellt am | date de création | fecha de creación | data de criação",
        "probability": "wahrscheinlichkeit | probabilité | probabilidad | probabilità | probabilidade | waarschijnlijkheid",
        "product": "produkt | artikel | produit | producto | prodotto | produto",
        "next_step": "nächster schritt | prochaine étape | siguiente paso | próximo paso | prossimo passo | volgende stap",
        "reason": "verlustgrund | grund | raison de la perte | motivo de pérdida | motivo de perda",
        **{n: _REACH[n] for n in ("owner", "source", "description")},
    },
    "product": {
        "name": "produkt | artikel | bezeichnung | produit | désignation | producto | prodotto | produto",
        "code": "artikelnummer | artikel-nr. | référence | código | codice | artikelcode",
        "list_price": "preis | listenpreis | prix | prix catalogue | precio | prezzo | preço | prijs",
    },
}
"""Kind → field → names."""

_STATUS = {
    "new": "neu | offen | unbearbeitet | nouveau | à traiter | nuevo | nuovo | novo | nieuw | open | not contacted",
    "working": (
        "in bearbeitung | kontaktiert | in kontakt | laufend | en cours | contacté | en curso | en proceso | contactado | "
        "in corso | contattato | em andamento | in behandeling | gecontacteerd | in progress | contacted | attempted to contact | nurturing"
    ),
    "qualified": "qualifiziert | qualifié | cualificado | calificado | qualificato | qualificado | gekwalificeerd",
    "disqualified": (
        "disqualifiziert | unqualifiziert | nicht qualifiziert | kein interesse | verloren | abgelehnt | perdu | pas intéressé | "
        "descartado | perdido | no interesado | scartato | perso | geen interesse | unqualified | not interested | lost"
    ),
    "converted": "konvertiert | umgewandelt | converti | convertido | convertito | geconverteerd",
}
_TYPES = {
    "prospect": "interessent | potenzieller kunde | client potentiel | cliente potencial | cliente potenziale | lead",
    "customer": "kunde | bestandskunde | client | cliente | klant",
    "supplier": "lieferant | fournisseur | proveedor | fornitore | fornecedor | leverancier | vendor",
    "partner": (
        "händler | vertriebspartner | partenaire | revendeur | socio | distribuidor | rivenditore | parceiro | reseller | distributor"
    ),
    "competitor": "wettbewerber | mitbewerber | konkurrent | concurrent | competidor | concorrente",
}
_ACTIVITIES = {
    "call": "anruf | telefonat | telefon | appel | llamada | chiamata | telefonata | ligação | telefoongesprek",
    "email": "e-mail | mail | courriel | correo",
    "visit": ("besuch | termin | besprechung | treffen | visite | rendez-vous | réunion | visita | reunión | riunione | reunião | bezoek"),
    "letter": "brief | lettre | carta | lettera",
    "note": "notiz | aufgabe | note | nota | tarea | attività | tarefa | notitie | task",
}
_WAYS = {
    "in": "inbound | incoming | received | eingehend | ankommend | entrant | entrante | inkomend | 呼入 | 收到",
    "out": "outbound | outgoing | sent | ausgehend | abgehend | sortant | saliente | uscente | uitgaand | 呼出 | 发出",
}
_OUTCOMES = {
    "reached": "connected | completed | held | done | contacted | interested",
    "left_message": "left voicemail | left live message | voicemail | left voice mail | message left",
    "no_answer": "no response | unanswered | not reached | nicht erreicht | pas de réponse",
    "no_show": "not held | did not show",
    "cancelled": "canceled",
    "negative": "not interested",
}
_PRIORITIES = {"high": "urgent | highest | hoch | haute | alta", "normal": "medium | mittel | moyenne | media", "low": "lowest | niedrig"}


def _choices(words: dict[str, str]) -> dict[str, str]:
    return {word: ours for ours, theirs in words.items() for word in theirs.split(" | ")}


VALUES: dict[str, dict[str, dict[str, str]]] = {
    "lead": {"status": _choices(_STATUS)},
    "account": {"types": _choices(_TYPES)},
    "activity": {
        "kind": _choices(_ACTIVITIES),
        "direction": _choices(_WAYS),
        "outcome": _choices(_OUTCOMES),
        "priority": _choices(_PRIORITIES),
    },
}
"""Kind → field → a word of a pick list → ours, whatever product the file is of. A product's own words, and the map's, go before them."""
