// What to do where a name is taken: asked once for each, or once for all of a job.

export type Choice = 'both' | 'replace' | 'skip';

export interface Question {
  name: string;
  /** What is there cannot be replaced: a folder. */
  mayReplace: boolean;
  /** How many more of the job may come to the same. */
  others: number;
  answer: (choice: Choice, forAll: boolean) => void;
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
  choose(name: string, mayReplace: boolean, others: number): Promise<Choice> {
    const next = this.#waiting.then(() => {
      if (this.#forAll && (mayReplace || this.#forAll !== 'replace')) return this.#forAll;
      return new Promise<Choice>((resolve) => {
        conflicts.ask({
          name,
          mayReplace,
          others,
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
