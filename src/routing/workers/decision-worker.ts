/** A worker thread of the decision pool: answers one job after the other, and touches nothing else. */
import { parentPort } from 'node:worker_threads';
import { runDecisionJob, type DecisionJob, type JobAnswer } from './decision-job.ts';

/** A message of a worker: that it is ready, then an answer or an error for each job. */
export type WorkerMessage = { ready: true } | { answer: JobAnswer } | { error: unknown };

const send = (message: WorkerMessage) => parentPort!.postMessage(message, []);

parentPort!.on('message', (job: DecisionJob) => {
  try {
    send({ answer: runDecisionJob(job) });
  } catch (error) {
    send({ error });
  }
});
send({ ready: true });
