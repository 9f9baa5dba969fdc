export const reports = {
  'report.lead':
    'Reports to print, or to save as PDF or CSV. Each says over which events, seal and key it ' +
    'was made, so that an auditor can check it.',
  'report.access': 'Access to a path',
  'report.access.text':
    'Who read, changed or removed what is at a path and below it, and who was refused. What was ' +
    'moved away stands under its new path.',
  'report.access.ask': 'Which path is it about?',
  'report.person': 'Actions of a person',
  'report.person.text': 'Everything that an account did or tried, with its outcome.',
  'report.person.ask': 'Who is it about?',
  'report.logins': 'Failed sign-ins',
  'report.logins.text':
    'Wrong passwords and codes, and spent tokens that were shown again: by name and by address.',
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
  'report.verified_ok': 'No problem found, {time}, by {name}',
  'report.verified_bad': 'Problems found, {time}, by {name}',
  'report.check':
    'To check this report: export the trail with seals and verify it with the public key. Its ' +
    'seals must go up to the newest seal and head named above; each event is found by its number.'
};
