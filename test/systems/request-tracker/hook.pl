use LWP::UserAgent;
use JSON;
use Digest::SHA qw(hmac_sha256_hex);
my $url = RT->Config->Get('OrderweaveHook') or return 1;
my $body = JSON->new->canonical->utf8->encode({
  ticket => $self->TicketObj->id + 0,
  transaction => $self->TransactionObj->id + 0,
  type => $self->TransactionObj->Type,
});
my $answer = LWP::UserAgent->new(timeout => 2)->post(
  $url,
  'Content-Type' => 'application/json',
  'X-Hub-Signature' => hmac_sha256_hex($body, RT->Config->Get('OrderweaveHookSecret')),
  Content => $body,
);
RT->Logger->warning('Orderweave was not told: ' . $answer->code) unless $answer->is_success;
return 1;
