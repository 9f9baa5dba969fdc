import type {login as en} from '../en/login';

export const login: Record<keyof typeof en, string> = {
  'login.title': 'Anmelden',
  'login.name': 'Name',
  'login.password': 'Passwort',
  'login.submit': 'Anmelden',
  'login.wrong': 'Name oder Passwort stimmt nicht.',
  'login.name_missing': 'Geben Sie Ihren Namen ein.',
  'login.password_missing': 'Geben Sie Ihr Passwort ein.',
  'login.ended': 'Ihre Sitzung ist zu Ende. Melden Sie sich wieder an, um fortzufahren.',
  'login.throttled': 'Zu viele Versuche. In {time} geht es wieder.',
  'login.again': 'Zu viele Versuche. Jetzt geht es wieder.',
  'login.first': 'Zum ersten Mal hier?',
  'login.first_text':
    'Das erste Konto heißt „admin“. Sein Passwort steht in der Datei initial-admin-password im ' +
    'Datenverzeichnis des Servers.',
  'login.insecure':
    'Anmelden geht nur über https oder auf dem Rechner des Servers selbst: sonst könnten andere ' +
    'mitlesen. Fragen Sie den Betreiber nach der https-Adresse.',
  'login.code_title': 'Zweiter Schritt',
  'login.code': 'Code',
  'login.code_hint': 'Sechs Ziffern aus Ihrem Authenticator, oder einer Ihrer Notfallcodes.',
  'login.code_missing': 'Geben Sie den Code ein.',
  'login.code_wrong': 'Dieser Code stimmt nicht oder wurde schon benutzt.',
  'login.code_submit': 'Weiter',
  'login.code_over': 'Das hat zu lange gedauert. Melden Sie sich noch einmal an.',
  'login.back': 'Als jemand anderes anmelden',
  'login.factor_reset':
    'Ein Administrator hat Ihren zweiten Faktor entfernt. Wenn Sie nicht darum gebeten haben, ' +
    'sagen Sie es ihm.'
};
