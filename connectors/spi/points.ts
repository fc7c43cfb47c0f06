/** The points that a source says are left. */
export interface PointsStatus {
  maximumAvailable: number;
  currentlyAvailable: number;
  /** Points a second. */
  restoreRate: number;
}

/**
 * The bucket of points from which a source lets its calls be paid, beside the pace of `PacedCalls`: each call costs some,
 * and it fills again with time. It is the source that counts; between its answers this is an estimate. Nothing is known of
 * it until the first answer, so nothing waits until then.
 */
export class PointsBucket {
  private status: PointsStatus | undefined;
  private at = 0;
  /** Of calls that are under way: the source may not have counted them yet. */
  private claimed = 0;

  /** @param now in milliseconds, of a clock that never goes back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /**
   * Claims the points of a call. @returns for how many milliseconds the call must wait; a call that claims later waits
   * behind it. One that costs more than the bucket holds waits until it is full: the source may say the rest.
   */
  claim(points: number): number {
    this.claimed += points;
    if (!this.status) return 0;
    const { maximumAvailable, restoreRate } = this.status;
    const wanted = Math.min(this.claimed, maximumAvailable + this.claimed - points);
    return Math.max(0, Math.ceil(((wanted - this.available()) / restoreRate) * 1000));
  }

  /** A call that had claimed `points` has ended; `status` as the source told it, if it did. */
  settle(points: number, status?: PointsStatus): void {
    const left = status
      ? { ...status }
      : this.status && { ...this.status, currentlyAvailable: this.available() };
    this.claimed -= points;
    this.status = left;
    this.at = this.now();
  }

  private available(): number {
    const { maximumAvailable, currentlyAvailable, restoreRate } = this.status!;
    const restored = ((this.now() - this.at) / 1000) * restoreRate;
    return Math.min(maximumAvailable, currentlyAvailable + restored);
  }
}
