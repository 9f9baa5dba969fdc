export const reports = {
  'report.lead':
    'Reports to print, or to save as PDF or CSV. Each says over which events, seal and key it ' +
    'was made, so that an auditor can check it.',
  'report.access': 'Access to a path',
  'report.access.text':
    'Who read, changed or removed what is at a path and below it, and who was refused. What was ' +
    'moved or copied away is named with where it went; what happened there stands under that path.',
  'report.access.ask': 'Which path is it about?',
  'report.seen': 'Who could see a path',
  'report.seen.text':
    'Who had a right on a file or folder, by what, and who gave it, in the range of time. It ' +
    'is read from the record, so it tells of any day; a path is what it was called then.',
  'report.seen.ask': 'Which path is it about?',
  'report.seen_pruned':
    'Events of before {time} were removed from the record. Rights that were given before are ' +
    'not in this answer.',
  'report.seen_then': 'What is at {path} today was elsewhere then:',
  'report.holds': 'Could see all of it',
  'report.holds_below': 'Could see a part of it',
  'report.nobody': 'Nobody but who runs the server.',
  'report.way': 'By',
  'report.way.owner': 'Own home',
  'report.way.admin': 'Administrator',
  'report.way.grant': 'Right given',
  'report.way.link': 'Link',
  'report.way.locked_link': 'Link with a password',
  'report.whoever': 'Whoever had the link',
  'report.could': 'Could',
  'report.given_at': 'Given at',
  'report.given_by': 'Given by',
  'report.given': 'Since',
  'report.until': 'Until',
  'report.not_ended': 'Not ended in the range',
  'report.rests_on': 'Events that this rests on',
  'report.read': 'Events read',
  'report.reading': '{count} events read, up to {time}',
  'report.first_day': 'First day',
  'report.last_day': 'Last day',
  'report.path_example': '/anna/projects',
  'report.person': 'Actions of a person',
  'report.person.text':
    'Everything that an account did or tried, with its outcome, who made, changed or deleted it, ' +
    'and who failed to sign in under its name, whoever that was.',
  'report.part.read': 'Read',
  'report.part.changed': 'Changed',
  'report.part.refused': 'Refused or failed',
  'report.part.rights': 'Rights and links',
  'report.part.account': 'The account itself',
  'report.part.tries': 'Tries to sign in as {name}',
  'report.part.own': 'Done by {name}',
  'report.part.signins': 'Failed sign-ins',
  'report.part.codes': 'Wrong codes, and spent tokens',
  'report.part.links': 'Tries at links',
  'report.who_read': 'Who read',
  'report.by_link': 'Whoever had the link {id}',
  'report.person.ask': 'Who is it about?',
  'report.logins': 'Failed sign-ins',
  'report.logins.text':
    'Wrong passwords and codes, also of links, and spent tokens that were shown again: by name ' +
    'and by address.',
  'report.rights': 'Rights, and who gave them',
  'report.rights.text':
    'Rights and links that were given, changed and taken, and changes of roles.',
  'report.privileged': 'Privileged acts',
  'report.privileged.text':
    'What only administrators, auditors and the operator can do: accounts, roles, exports, the ' +
    'system itself.',
  'report.proof': 'Retention and proof',
  'report.proof.text':
    'How long events are kept, what was removed, and how the trail was sealed and verified.',
  'report.report': 'Report',
  'report.path': 'Path',
  'report.user': 'Person',
  'report.show': 'Show',
  'report.print': 'Print',
  'report.csv': 'CSV',
  'report.count': 'Events',
  'report.count_cut': 'the newest {count} of more',
  'report.cut':
    'A report lists up to {count} events; there are older ones in this range. Choose a shorter ' +
    'range, or export the events.',
  'report.made': 'Made',
  'report.made_by': '{time}, by {name}',
  'report.beginning': 'the beginning',
  'report.path_slash': 'A path begins with “/”, as in /anna/projects.',
  'report.none_path': 'The record knows nothing of this path in this range.',
  'report.left_out': 'Not listed',
  'report.left_out_text':
    'Tries of strangers that were too many are not recorded one by one: a later event counts ' +
    'them, in its details under “Suppressed”.',
  'report.left_out_count': 'The events listed count {count}.',
  'report.none': 'There are no such events in this range.',
  'report.by_action': 'By action',
  'report.by_person': 'By person',
  'report.by_address': 'By address',
  'report.events': 'Events',
  'report.number': 'No.',
  'report.more': 'And {count} more',
  'report.state': 'State',
  'report.pruned_before': 'Removed',
  'report.nothing_pruned': 'Nothing so far',
  'report.last_verification': 'Last verification',
  'report.altered':
    'The last verification found problems. These events may belong to this report although ' +
    'it does not list them: an altered one may no longer fit, a removed one is gone.',
  'report.never_verified': 'None so far',
  'report.verified_ok': 'No problem found, {time}, by {name}',
  'report.verified_bad': 'Problems found, {time}, by {name}',
  'report.check':
    'To check this report: export the trail with seals and verify it with the public key. Its ' +
    'seals must go up to the newest seal and head named above; each event is found by its number.'
};
