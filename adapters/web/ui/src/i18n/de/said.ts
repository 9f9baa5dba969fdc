// What the server says in its own words, which are English: the states of its checks, the names of
// its tasks, and what is wrong with a field of a form. What is not here is shown as it came.
export const said: Record<string, string> = {
  'Whether this was done is not known; look before you try again.':
    'Ob das geschah, ist nicht bekannt. Sehen Sie nach, bevor Sie es noch einmal versuchen.',
  'The request breaks a rule.': 'Die Anfrage verstößt gegen eine Regel.',
  'does not answer': 'antwortet nicht',
  'cannot be written to': 'lässt sich nicht beschreiben',
  'contents are missing': 'es fehlen Inhalte',
  'below the reserve': 'weniger frei als die Reserve',
  'events cannot be written': 'Ereignisse lassen sich nicht schreiben',
  'space is short: only what frees some is recorded':
    'der Platz ist knapp: verzeichnet wird nur, was welchen schafft',
  'events are not sealed as they should be': 'Ereignisse werden nicht versiegelt, wie sie sollen',

  'looking for changes of users by other programs': 'Konten lesen, die anderswo geändert wurden',
  'noting when keys were used': 'festhalten, wann Schlüssel benutzt wurden',
  'the heartbeat': 'Lebenszeichen geben',
  'recording failures that could not be recorded at once': 'verspätete Fehlschläge verzeichnen',
  'setting space aside': 'Platz zurücklegen',
  'looking for the keys of contents': 'nach Schlüsseln der Inhalte sehen',
  'the look at the free space': 'nach dem freien Platz sehen',
  'removing deleted blobs': 'gelöschte Inhalte entfernen',
  'removing what is left of removed trees': 'Reste entfernter Ordner entfernen',
  'putting files of large trees on record': 'Dateien großer Ordner verzeichnen',
  'purging what expired in the trash': 'Abgelaufenes aus dem Papierkorb entfernen',
  'removing old versions': 'alte Fassungen entfernen',
  'removing archives that are over': 'fertige Archive entfernen',
  'removing expired uploads': 'abgelaufene Uploads entfernen',
  'forgetting expired sessions, keys and challenges':
    'abgelaufene Sitzungen, Schlüssel und Anfragen vergessen',
  'forgetting ended shares': 'beendete Links vergessen',
  'removing orphaned blobs': 'Inhalte ohne Datei entfernen',
  'sealing the audit trail': 'das Protokoll versiegeln',
  'noting how far the audit trail is sealed': 'festhalten, wie weit das Protokoll versiegelt ist',
  'keeping figures of the audit trail': 'Zahlen des Protokolls festhalten',
  'pruning the audit trail': 'alte Ereignisse entfernen',

  'must not be empty': 'darf nicht leer sein',
  'must have at least 8 bytes': 'braucht mindestens 8 Zeichen',
  'must have at most 1024 bytes': 'darf höchstens 1024 Bytes haben',
  'is on the list of common passwords': 'steht auf der Liste häufiger Passwörter',
  'must not be the product\'s name with a few characters more':
    'darf nicht der Name des Produkts mit ein paar Zeichen mehr sein',
  'must not contain the username': 'darf den Namen des Kontos nicht enthalten',
  'is a reserved word': 'ist ein vorbehaltenes Wort',
  'may hold letters a to z, digits, dots, underscores and hyphens only':
    'darf nur Buchstaben von a bis z, Ziffern, Punkte, Unter- und Bindestriche haben',
  'must begin with a letter or a digit': 'muss mit einem Buchstaben oder einer Ziffer beginnen',
  'must have 2 to 32 characters': 'muss 2 bis 32 Zeichen haben',
  'must not end with a dot: it is also the name of a directory':
    'darf nicht mit einem Punkt enden: So heißt auch ein Ordner',
  'must be an e-mail address, such as anna@example.org':
    'muss eine E-Mail-Adresse sein, wie anna@example.org',
  'must have a valid name of at most 64 characters before the @':
    'braucht vor dem @ einen gültigen Namen von höchstens 64 Zeichen',
  'must have the name of a host, such as example.org, after the @':
    'braucht nach dem @ den Namen eines Rechners, wie example.org',
  'must have at most 254 characters': 'darf höchstens 254 Zeichen haben',
  'must have at most 1000 characters': 'darf höchstens 1000 Zeichen haben',
  'must have at most 255 bytes': 'darf höchstens 255 Bytes haben',
  'must have at most 64 segments': 'darf höchstens 64 Ordner tief sein',
  'must not be . or ..': 'darf nicht . oder .. sein',
  'must not begin or end with a space': 'darf nicht mit einem Leerzeichen beginnen oder enden',
  'must not end with a dot': 'darf nicht mit einem Punkt enden',
  'must not hold a slash or a backslash': 'darf weder / noch \\ enthalten',
  'must not hold control or text direction characters':
    'darf keine Steuer- und Richtungszeichen enthalten',
  'would make a path below it longer or deeper than allowed':
    'ein Pfad darunter würde länger oder tiefer, als erlaubt ist',
  'must have 1 to 100 characters, none of them a control character':
    'muss 1 bis 100 Zeichen haben, keins davon ein Steuerzeichen',
  'must have at most 1000 characters, none of them a control character':
    'darf höchstens 1000 Zeichen haben, keins davon ein Steuerzeichen',
  'must lie in the future': 'muss in der Zukunft liegen',
  'must be in the future': 'muss in der Zukunft liegen',
  'must be in # days at the latest': 'darf höchstens # Tage entfernt sein',
  'must name at least one protocol': 'braucht mindestens ein Protokoll',
  'must name at least one scope': 'braucht mindestens einen Umfang',
  'must name at least one right': 'braucht mindestens ein Recht',
  'must be 32 networks at most': 'darf höchstens 32 Netze haben',
  'is neither an address nor a CIDR': 'ist weder eine Adresse noch ein Netz',
  'has no valid prefix length': 'hat keine gültige Länge des Netzes',
  'must be an IP address': 'muss eine IP-Adresse sein',
  'must be 1 to 9007199254740992': 'muss 1 bis 9007199254740992 sein',
  'a share needs a password here': 'ein Link braucht hier ein Passwort',
  'has 255 characters at most': 'darf höchstens 255 Zeichen haben',
  'has to have a letter or digit in it': 'braucht einen Buchstaben oder eine Ziffer'
};
