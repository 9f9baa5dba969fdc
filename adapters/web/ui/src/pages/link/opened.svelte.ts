import {ask, type Bearer, clientOf, open, type Schemas} from '../../api/client';
import {asProblem, type Problem} from '../../api/problem';

type Shared = Schemas['OpenedShare']['share'];

/** A share link that was opened: what it is of, and the token that it is read with. */
export class OpenedLink implements Bearer {
  share = $state.raw<Shared>();
  /** Why it opens no more. */
  ended = $state.raw<Problem>();
  readonly client = clientOf(this);
  readonly mayReplace = false;
  #id: string;
  #secret: string;
  #password: string | undefined;
  #token: string | undefined;
  #opening: Promise<string | undefined> | undefined;

  constructor(id: string, secret: string) {
    this.#id = id;
    this.#secret = secret;
  }

  get rootName(): string | undefined {
    return this.share?.name;
  }

  /** Throws a `Problem`: 401 where a password is missing or wrong, 404, 410. */
  async open(password?: string): Promise<void> {
    const body = {
      secret: this.#secret, transport: 'cookie' as const, ...(password ? {password} : {})
    };
    const params = {path: {id: this.#id}};
    const opened = await ask(open.POST('/api/v1/shares/{id}/open', {params, body}));
    this.#password = password;
    this.#token = opened.access_token;
    this.share = opened.share;
  }

  async token(): Promise<string | undefined> {
    return this.#token;
  }

  /** Opens again: the token has ended. */
  async replace(spent: string): Promise<string | undefined> {
    if (this.#token !== spent) return this.#token;
    this.#opening ??= this.open(this.#password)
      .then(() => this.#token, (error) => {
        const problem = asProblem(error);
        if (problem.status === 404 || problem.status === 410) this.ended = problem;
        return undefined;
      })
      .finally(() => (this.#opening = undefined));
    return this.#opening;
  }
}
