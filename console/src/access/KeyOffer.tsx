import { Modal, Typography } from 'antd';
import { useText } from '../i18n/language.tsx';
import { acceptKey, declineOfferedKey } from './key-store.ts';
import { useKey } from './use-key.ts';

/** Open while a link has brought another key than the one in use. */
export function KeyOffer() {
  const t = useText();
  const { offered } = useKey();
  return (
    <Modal
      open={offered !== undefined}
      title={t.access.offerTitle}
      okText={t.access.offerTake}
      cancelText={t.access.offerDecline}
      onOk={() => offered !== undefined && acceptKey(offered)}
      onCancel={declineOfferedKey}
      width={460}
    >
      <Typography.Paragraph>{t.access.offerWhy}</Typography.Paragraph>
    </Modal>
  );
}
