export const search = {
  'search.title': 'Search',
  'search.field': 'Find files and folders',
  'search.for': 'Found for “{q}”',
  'search.found': 'What was found',
  'search.filters': 'Narrow the search',
  'search.where': 'Where',
  'search.everywhere': 'Everywhere',
  'search.here': 'In {name}',
  'search.kind': 'Kind',
  'search.kind_all': 'Files and folders',
  'search.kind_file': 'Files',
  'search.kind_directory': 'Folders',
  'search.changed': 'Changed',
  'search.changed_all': 'At any time',
  'search.changed_day': 'In the last 24 hours',
  'search.changed_week': 'In the last 7 days',
  'search.changed_month': 'In the last 30 days',
  'search.changed_year': 'In the last year',
  'search.folder': 'Folder',
  'search.to_folder': 'Go to its folder',
  'search.begin': 'What are you looking for?',
  'search.begin_text': 'Enter words of its name above: a letter or digit at least.',
  'search.none': 'Nothing has such a name',
  'search.none_text':
    'Each word must be in the name, in any order; only what you may see is found. Try fewer ' +
    'words, or widen the search.'
};
