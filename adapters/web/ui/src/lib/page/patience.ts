import {asProblem} from '../../api/problem';

const kTries = 30;

/** As the call; where the server says to come again later, it comes again then. */
export async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let i = 1; ; ++i) {
    try {
      return await call();
    } catch (error) {
      const {code, retryAfter} = asProblem(error);
      if (code !== 'unavailable' || retryAfter === undefined || i === kTries) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.max(1, retryAfter) * 1000));
    }
  }
}
