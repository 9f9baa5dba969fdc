export const login = {
  'login.title': 'Sign in',
  'login.name': 'Name',
  'login.password': 'Password',
  'login.submit': 'Sign in',
  'login.wrong': 'Name or password is not right.',
  'login.name_missing': 'Enter your name.',
  'login.password_missing': 'Enter your password.',
  'login.ended': 'Your session has ended. Sign in again to go on.',
  'login.throttled': 'Too many tries. You can try again in {time}.',
  'login.again': 'Too many tries. You can try again now.',
  'login.first': 'First time here?',
  'login.first_text':
    'The first account is “admin”. Its password is in the file initial-admin-password of the ' +
    'server’s data directory.',
  'login.insecure':
    'Signing in needs https, or a browser on the server’s own machine: else others could read ' +
    'along. Ask whoever runs this server for its https address.',
  'login.code_title': 'Second step',
  'login.code': 'Code',
  'login.code_hint': 'Six digits from your authenticator, or one of your recovery codes.',
  'login.code_missing': 'Enter the code.',
  'login.code_wrong': 'This code is not right, or was used already.',
  'login.code_submit': 'Go on',
  'login.code_over': 'That took too long. Sign in again.',
  'login.back': 'Sign in as somebody else',
  'login.factor_reset':
    'An administrator took your second factor away. If you did not ask for that, tell them.'
};
