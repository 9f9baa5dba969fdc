// What to do where a name is taken: asked once for each, or once for all of a job.
import type {FileInfo} from '../../api/client';

export type Choice = 'both' | 'replace' | 'skip';

/** A file: that which is there, or that which is to come. */
export interface Side {
  size: number;
  /** Not known of everything. */
  modified?: string | number;
  sha256?: string | null;
}

export interface Clash {
  name: string;
  folder: string;
  /** Both are files, so that one may take the other's place. */
  mayReplace: boolean;
  /** They are, but one may not. */
  isForbidden?: boolean;
  /** Both are folders, which are not put together. */
  areFolders?: boolean;
  there?: Side | undefined;
  coming?: Side | undefined;
  /** How many more of the job may come to the same. */
  others: number;
}

export interface Question extends Clash {
  answer: (choice: Choice, forAll: boolean) => void;
}

export function sideOf({size, modified_at, sha256}: FileInfo): Side {
  return {size, modified: modified_at, sha256};
}

class Conflicts {
  #queue = $state.raw<Question[]>([]);

  get current(): Question | undefined {
    return this.#queue[0];
  }

  ask(question: Question): void {
    const answer = (choice: Choice, forAll: boolean) => {
      this.#queue = this.#queue.filter((q) => q !== asked);
      question.answer(choice, forAll);
    };
    const asked = {...question, answer};
    this.#queue = [...this.#queue, asked];
  }
}

export const conflicts = new Conflicts();

/** Of one job: it remembers an answer that is for all. */
export class Resolver {
  #forAll: Choice | undefined;
  #waiting: Promise<unknown> = Promise.resolve();

  /** Asks, unless all was said. */
  choose(clash: Clash): Promise<Choice> {
    const next = this.#waiting.then(() => {
      if (this.#forAll && (clash.mayReplace || this.#forAll !== 'replace')) return this.#forAll;
      return new Promise<Choice>((resolve) => {
        conflicts.ask({
          ...clash,
          answer: (choice, forAll) => {
            if (forAll) this.#forAll = choice;
            resolve(choice);
          }
        });
      });
    });
    this.#waiting = next;
    return next;
  }
}
