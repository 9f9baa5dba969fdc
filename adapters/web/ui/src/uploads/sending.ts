// One try to send a file: it tells how far that is, and goes on with no other file than before.
import {Problem} from '../api/problem';
import {Prefix} from './digest';
import type {Rate} from './rate';
import {isSame, keep} from './records';
import {putSmall, sendLarge} from './transfer';
import type {Upload} from './upload.svelte';

/** A file that was not sent for so long, ms, is compared with what was sent of it. */
const kBriefly = 3_000;

/** `rate` is of all uploads; `onurl` is told where it is at the server, each time. */
export async function send(
  upload: Upload, signal: AbortSignal, rate: Rate, onurl: (url: string) => void
): Promise<void> {
  const job = {
    file: upload.file!,
    path: upload.path,
    overwrite: upload.overwrite,
    url: upload.record?.url || undefined,
    signal,
    onprogress: (sent: number) => {
      const now = performance.now();
      const more = Math.max(0, sent - upload.sent);
      upload.rate.add(now, more);
      rate.add(now, more);
      upload.sent = sent;
      if (more > 0) upload.stoodSince = undefined;
    },
    onurl,
    oncontinue: () => compare(upload, signal),
    onpiece: (end: number) => reach(upload, end)
  };
  if (!upload.isLarge) return putSmall(upload.sender, job);
  if (job.url) onurl(job.url);
  return sendLarge(upload.sender, job);
}

/** Is what was sent of it in it still? The browser itself looks at no more than size and time. */
async function compare(upload: Upload, signal: AbortSignal): Promise<void> {
  const {file, record, stoodSince} = upload;
  if (!record?.end || !stoodSince || Date.now() - stoodSince < kBriefly) return;
  const prefix = new Prefix(file!);
  upload.state = 'comparing';
  const isIts = await isSame(record, prefix);
  signal.throwIfAborted();
  if (!isIts) throw new Problem(0, 'changed');
  upload.prefix = prefix;
  upload.state = 'sending';
}

/** Its file is known again by what went out, were it but a byte of it. */
async function reach(upload: Upload, end: number): Promise<void> {
  upload.prefix ??= new Prefix(upload.file!);
  await upload.prefix.reach(end);
  const {record, prefix} = upload;
  if (!record) return;
  record.end = prefix.end;
  record.digest = prefix.digest;
  if (record.url && record.owner) keep(record);
}
