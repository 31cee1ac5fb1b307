/**
 * One key for one submission. It stays the same across retries whose outcome is unknown (network, 5xx), so that
 * repeating never declares twice, and changes once the hall has given a definite answer.
 */
import { asProblem } from "./problem";

export class SubmissionKey {
  #key = crypto.randomUUID();

  get value(): string {
    return this.#key;
  }

  renew(): void {
    this.#key = crypto.randomUUID();
  }

  /** Runs one attempt under the key. */
  async attempt<T>(send: (key: string) => Promise<T>): Promise<T> {
    try {
      const answer = await send(this.#key);
      this.renew();
      return answer;
    } catch (thrown) {
      if (asProblem(thrown).refused) this.renew();
      throw thrown;
    }
  }
}
