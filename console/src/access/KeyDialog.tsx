import { Alert, Button, Form, Input, Modal, Typography, type InputRef } from 'antd';
import { useRef, useState } from 'react';
import { useText } from '../i18n/language.tsx';
import { acceptKey } from './key-store.ts';
import { useKey } from './use-key.ts';

interface Props {
  /** Asked for by the user, so it can be left without a change. */
  changing?: boolean;
  onDone?: () => void;
}

/** Open by itself whenever there is no key, or the hub refused it. */
export function KeyDialog({ changing = false, onDone }: Props) {
  const t = useText();
  const { key, refused } = useKey();
  const [typed, setTyped] = useState('');
  const input = useRef<InputRef>(null);
  const missing = key === undefined;
  const submit = () => {
    if (typed.trim() === '') return;
    acceptKey(typed.trim());
    setTyped('');
    onDone?.();
  };
  return (
    <Modal
      open={missing || changing}
      title={t.access.title}
      footer={null}
      closable={!missing}
      mask={{ closable: !missing }}
      keyboard={!missing}
      onCancel={onDone}
      afterOpenChange={(open) => open && input.current?.focus()}
      width={460}
    >
      <Typography.Paragraph type="secondary">{t.access.why}</Typography.Paragraph>
      {refused && <Alert type="error" showIcon role="alert" title={t.access.refused} className="ow-gap" />}
      <Form layout="vertical" onFinish={submit} requiredMark={false}>
        <Form.Item label={t.access.label} htmlFor="ow-key" extra={t.access.kept}>
          <Input.Password
            id="ow-key"
            ref={input}
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
          />
        </Form.Item>
        <Button type="primary" htmlType="submit" block disabled={typed.trim() === ''}>
          {t.access.use}
        </Button>
      </Form>
    </Modal>
  );
}
