/**
 * Publishes changes to all hub processes. A signal is a hint and may be lost: who listens compares what it knows with
 * the database, after a gap too.
 */
export interface ChangeBus {
  publish(topic: string, keys: readonly string[]): void;
  /**
   * @param onGap told when signals may have been missed: anything may have changed
   * @returns what ends the subscription
   */
  subscribe(topic: string, onKeys: (keys: readonly string[]) => void, onGap: () => void): () => void;
  close(): Promise<void>;
}
