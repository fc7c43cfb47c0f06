import { CloseCircleFilled } from '@ant-design/icons';
import type { Failure } from '../api/failure.ts';
import { useText } from '../i18n/language.tsx';
import { Outcome } from './Outcome.tsx';

/** The code is shown as it is: it is the word to look up in the error catalogue. */
export function FailureNote({ failure, title }: { failure: Failure; title: string }) {
  const t = useText();
  const detail = [failure.code, failure.message].filter(Boolean).join(': ');
  const headline = failure.unanswered ? t.failure.unanswered : failure.busy ? t.failure.busy : title;
  return (
    <Outcome tone="failed" icon={<CloseCircleFilled />}>
      <b>{headline}</b>
      <small className="ow-detail">{detail}</small>
    </Outcome>
  );
}
