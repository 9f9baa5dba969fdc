export const files = {
  'files.path': 'Folder path',
  'files.home': 'My files',
  'files.homes': 'All homes',
  'files.list': 'Contents of {name}',
  'files.empty': 'This folder is empty',
  'files.name': 'Name',
  'files.size': 'Size',
  'files.modified': 'Changed'
};
