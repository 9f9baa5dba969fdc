import type {link as en} from '../en/link';

export const link: Record<keyof typeof en, string> = {
  'link.title': 'Mit Ihnen geteilt',
  'link.all': 'Alles herunterladen',
  'link.get': '{name} herunterladen',
  'link.until': 'Offen bis {date}',
  'link.gone': 'Dieser Link geht nicht',
  'link.gone_text':
    'Er ist abgelaufen oder wurde so oft benutzt wie erlaubt. Bitten Sie um einen neuen.',
  'link.unknown_text':
    'Vielleicht fehlt ein Teil der Adresse. Kopieren Sie den ganzen Link, und versuchen ' +
    'Sie es wieder.',
  'link.lost_text': ' Oder es ist nicht mehr da, wohin er führte: fragen Sie, wer ihn Ihnen gab.',
  'link.password_text':
    'Dieser Link ist geschützt. Geben Sie das Passwort ein, das man Ihnen gesagt hat.',
  'link.wrong': 'Das ist nicht das Passwort.',
  'link.open': 'Öffnen',
  'link.drop_title': 'Fügen Sie hier Dateien hinzu',
  'link.drop_text':
    'Ziehen Sie sie auf diese Seite, oder wählen Sie welche. Andere mit diesem Link sehen ' +
    'sie nicht.'
};
