// What the last verification found, and which events are not to be trusted since.
import {api, ask, type Schemas} from '../../../api/client';

export type Status = Schemas['AuditStatus'];

/** Of a verification, or of the details of one or of a recovery. */
export type Problem = Schemas['VerifyReport']['problems'][number];

/** Of which some are listed. */
export interface Found {
  problems: Problem[];
  count: number;
}

export const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'kind' in value && 'detail' in value;

/** As the record has it; nothing where there was no problem, or one of before it kept them. */
export async function foundLast(
  {last_verification: last}: Status, signal?: AbortSignal
): Promise<Found | undefined> {
  if (!last || last.ok) return undefined;
  const query = {action: 'audit_verified', success: true, limit: 1};
  const {items} = await ask(
    api.GET('/api/v1/audit/events', {params: {query}, ...(signal && {signal})})
  );
  const {findings, findings_count: count} = items[0]?.details ?? {};
  if (items[0]?.timestamp !== last.at || !Array.isArray(findings)) return undefined;
  const problems = findings.filter(isProblem);
  return {problems, count: Math.max(Number(count) || 0, problems.length)};
}

export type Doubts = ReadonlyMap<number, Problem[]>;

/** What was found of each event. */
export function doubtsOf(problems: Problem[] = []): Doubts {
  const doubts = new Map<number, Problem[]>();
  for (const problem of problems)
    if (problem.event !== undefined)
      doubts.set(problem.event, [...(doubts.get(problem.event) ?? []), problem]);
  return doubts;
}

const has = (problems: Problem[] | undefined, kind: string): boolean =>
  problems?.some((problem) => problem.kind === kind) ?? false;

/** Is it proven that it is another than was sealed? */
export const isAltered = (problems: Problem[] | undefined) => has(problems, 'event_changed');

/** Was it recorded, and is gone? */
export const isMissing = (problems: Problem[] | undefined) => has(problems, 'event_missing');

/** Is the event itself not to be trusted, or what vouches for it only? */
export const isDoubtful = (problems: Problem[] | undefined): boolean =>
  problems?.some(({kind}) => kind !== 'leaf_mismatch') ?? false;
