// What a verification or a recovery says of a problem, in the language in use: the server's words
// are English. Each German text stands beside what the core says, with the same values; a test
// fails where the core says what is not here.
import {dateTime, i18n} from '../../../lib/language/i18n.svelte';

/** What stands in the braces, by its name. */
const values: Record<string, string> = {
  range: '-?\\d+(?: to -?\\d+)?',
  time: '\\d{4}-\\d\\d-\\d\\dT\\S+?',
  quoted: '"(?:[^"\\\\]|\\\\.)*"',
  server: '\\S+',
  what: '.+'
};
const kNumber = '-?\\d+';

export const german: Record<string, string> = {
  'sequence {n} comes a second time or too late':
    'die Folgenummer {n} kommt ein zweites Mal oder zu spät',
  'the recovery of {time} (event {n}) found: {what}':
    'die Erholung vom {time} (Ereignis {n}) fand: {what}',
  'the event is gone, its leaf is there': 'das Ereignis ist weg, sein Blatt ist da',
  'the seal covers {range} but counts {n}': 'das Siegel umfasst {range}, zählt aber {n}',
  'the anchor holds another seal of this number: the database is an old copy or was rewritten':
    'der Anker hat ein anderes Siegel dieser Nummer: Die Datenbank ist eine alte Kopie oder ' +
    'wurde umgeschrieben',
  'the first seal does not begin the chain': 'das erste Siegel beginnt die Kette nicht',
  'seals {range} are missing': 'es fehlen die Siegel {range}',
  'the seal comes a second time or too late':
    'das Siegel kommt ein zweites Mal oder zu spät',
  'the seal does not name the one before it': 'das Siegel nennt nicht das davor',
  'the seal begins at {n}, the one before ends at {m}':
    'das Siegel beginnt bei {n}, das davor endet bei {m}',
  'the seal was signed with a key that is not ours':
    'das Siegel ist mit einem fremden Schlüssel unterschrieben',
  'the signature does not fit the seal': 'die Unterschrift passt nicht zum Siegel',
  'events {range} stand where the seal covers {other_range}':
    'die Ereignisse {range} stehen, wo das Siegel {other_range} umfasst',
  'the leaf at sequence {n} cannot be read': 'das Blatt mit der Folgenummer {n} ist unlesbar',
  'the event at sequence {n} is as it was sealed, its stored leaf is not':
    'das Ereignis mit der Folgenummer {n} ist, wie es versiegelt wurde, sein gespeichertes Blatt ' +
    'nicht',
  'the event at sequence {n} is not what was sealed':
    'das Ereignis mit der Folgenummer {n} ist nicht, was versiegelt wurde',
  'the events of sequences {range} are not those that were sealed':
    'die Ereignisse mit den Folgenummern {range} sind nicht die, die versiegelt wurden',
  'the events of sequences {range} are gone':
    'die Ereignisse mit den Folgenummern {range} sind weg',
  'a prune record was signed with a key that is not ours':
    'der Nachweis einer Entfernung ist mit einem fremden Schlüssel unterschrieben',
  'the signature does not fit the prune record':
    'die Unterschrift passt nicht zum Nachweis der Entfernung',
  'the prune record does not fit the seal that it names':
    'der Nachweis der Entfernung passt nicht zum Siegel, das er nennt',
  'a prune record cannot be read': 'ein Nachweis einer Entfernung ist unlesbar',
  'the seal was pruned, and yet some of its events are there: nothing vouches for them':
    'das Siegel wurde entfernt, und doch sind Ereignisse von ihm da: Nichts bürgt für sie',
  'there is no anchor: a cut tail or an old copy would not show':
    'es gibt keinen Anker: Ein abgeschnittenes Ende oder eine alte Kopie fiele nicht auf',
  'seal {n} was anchored, the newest here is {m}':
    'verankert war Siegel {n}, das neueste hier ist {m}',
  '{what} (and {n} problems more)': '{what} (und {n} weitere Probleme)',

  'from sequence {n} on there are leaves that no seal covers':
    'ab der Folgenummer {n} gibt es Blätter, die kein Siegel umfasst',
  'after the last seal there are leaves that no seal covers':
    'nach dem letzten Siegel gibt es Blätter, die kein Siegel umfasst',
  'the row cannot be read as a seal': 'die Zeile ist als Siegel nicht lesbar',
  'the first seal here is {n}': 'das erste Siegel hier ist {n}',
  'the event of {time} is ours, and was not sealed within a minute by a server that ran':
    'das Ereignis vom {time} ist unseres, und der Server, der lief, versiegelte es nicht binnen ' +
    'einer Minute',
  'the event of {time} has neither a seal nor a tag: none of our programs wrote it':
    'das Ereignis vom {time} hat weder Siegel noch Marke: Keins unserer Programme schrieb es',
  'a row that is none of an event has neither a seal nor a tag: none of our programs wrote it':
    'eine Zeile, die kein Ereignis ist, hat weder Siegel noch Marke: Keins unserer Programme ' +
    'schrieb sie',

  'the tag\'s list of events cannot be read': 'die Liste der Ereignisse der Marke ist unlesbar',
  'the event was pruned, and is here again': 'das Ereignis wurde entfernt und ist wieder da',
  'the event is gone, and was never sealed': 'das Ereignis ist weg und war nie versiegelt',
  'the row that bears the tag is none of an event':
    'die Zeile mit der Marke ist kein Ereignis',
  'the event is not the one that its tag was made for':
    'das Ereignis ist nicht das, für das seine Marke gemacht wurde',
  'another tag vouches for the event too': 'auch eine andere Marke bürgt für das Ereignis',
  'events {n} to {m} of writer {server} are gone, and were never sealed':
    'die Ereignisse {n} bis {m} des Schreibers {server} sind weg und waren nie versiegelt',

  'no database assigns such an id: none of our programs wrote it':
    'keine Datenbank vergibt so eine Nummer: Keins unserer Programme schrieb es',
  'the event bears no tag: none of our programs wrote it':
    'das Ereignis hat keine Marke: Keins unserer Programme schrieb es',
  '{what} was in the way of a seal and was removed':
    '{what}, stand einem Siegel im Weg und wurde entfernt',
  'a row of seals, number {n}, that cannot be one of ours':
    'eine Zeile der Siegel, Nummer {n}, die nicht von uns sein kann',
  'a leaf of event {n} at sequence {m}, which no seal covers':
    'ein Blatt des Ereignisses {n} mit der Folgenummer {m}, das kein Siegel umfasst',
  'what a crash left cannot be sealed': 'was ein Absturz hinterließ, lässt sich nicht versiegeln',
  'what an older version left cannot be sealed':
    'was eine ältere Version hinterließ, lässt sich nicht versiegeln',

  'the record of the downloads under way on server {server} is gone':
    'das Verzeichnis der laufenden Downloads auf Server {server} ist weg',
  '{n} rows of instances that none of our programs wrote':
    '{n} Zeilen von Servern, die keins unserer Programme schrieb',
  'somebody changed the list of the downloads, under way on server {server}':
    'jemand änderte die Liste der laufenden Downloads auf Server {server}',
  'somebody changed the record of the downloads from number {n} on, under way on server {server}':
    'jemand änderte das Verzeichnis der laufenden Downloads ab Nummer {n} auf Server {server}',
  'downloads {range} gone from the record of those, under way on server {server}':
    'die Downloads {range} fehlen im Verzeichnis der laufenden auf Server {server}',
  'download {n} gone from the record of those, under way on server {server}':
    'der Download {n} fehlt im Verzeichnis der laufenden auf Server {server}',
  ['download {n}, which may not have been over: {quoted} got {other_quoted}, ' +
    'under way on server {server}']:
    'Download {n} auf Server {server}, vielleicht noch nicht zu Ende: {quoted} bekam {other_quoted}'
};

interface Form {
  pattern: RegExp;
  names: string[];
  text: string;
}

/** A text of the server's as a pattern, and what stands in its braces. */
function formOf([said, text]: [string, string]): Form {
  const names: string[] = [];
  const pattern = said.split(/\{(\w+)\}/).map((part, i) => {
    if (i % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    names.push(part);
    return `(${values[part.replace('other_', '')] ?? kNumber})`;
  });
  return {pattern: new RegExp(`^${pattern.join('')}$`, 's'), names, text};
}

let forms: Form[] | undefined;

function inGerman(said: string): string | undefined {
  forms ??= Object.entries(german).map(formOf);
  for (const {pattern, names, text} of forms) {
    const match = pattern.exec(said);
    if (!match) continue;
    const value = (name: string) => {
      const found = match[names.indexOf(name) + 1]!;
      if (name.endsWith('range')) return found.replace(' to ', ' bis ');
      if (name === 'time') return dateTime(found, {dateStyle: 'medium', timeStyle: 'medium'});
      return name === 'what' ? inGerman(found) ?? found : found;
    };
    return text.replace(/\{(\w+)\}/g, (_, name: string) => value(name));
  }
  return undefined;
}

/** What the server says of a problem; as it came where that is not known. */
export function foundSays(said: string): {text: string; isKnown: boolean} {
  if (i18n.language === 'en') return {text: said, isKnown: true};
  const text = inGerman(said);
  return {text: text ?? said, isKnown: text !== undefined};
}
