export const link = {
  'link.title': 'Shared with you',
  'link.all': 'Download all',
  'link.get': 'Download {name}',
  'link.until': 'Open until {date}',
  'link.gone': 'This link does not work',
  'link.gone_text':
    'It has ended, or was used as often as it may be. Ask whoever gave it to you for another.',
  'link.unknown_text': 'A part of the address may be missing. Copy the whole link and try again.',
  'link.lost_text': ' Or what it led to is gone: ask whoever gave it to you.',
  'link.password_text': 'This link is protected. Enter the password that you were told.',
  'link.wrong': 'That is not the password.',
  'link.open': 'Open',
  'link.drop_title': 'Add files here',
  'link.drop_text':
    'Drop them on this page, or choose some. Others who have the link do not see them.'
};
