/**
 * Answers that are given again instead of asking: whoever asks for a parcel more than 48 times in 24 hours is told nothing
 * new of it for a day (api.kuaidi100.com/document/suodanhouguo).
 */
export class RecentAnswers<T> {
  /** The oldest first. */
  private readonly answers = new Map<string, { at: number; answer: T }>();

  constructor(private readonly restMs: number) {}

  get(key: string): T | undefined {
    this.forget();
    return this.answers.get(key)?.answer;
  }

  keep(key: string, answer: T): void {
    this.answers.set(key, { at: Date.now(), answer });
  }

  private forget(): void {
    const oldest = Date.now() - this.restMs;
    for (const [key, { at }] of this.answers) {
      if (at > oldest) return;
      this.answers.delete(key);
    }
  }
}
