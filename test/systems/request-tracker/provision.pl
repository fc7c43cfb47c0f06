# What an administrator does once: a token for the hub, an order number on tickets, and a Scrip that tells the hub.
# provision.pl TOKEN_FILE HOOK_FILE
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT -init;
my ($token_file, $hook_file) = @ARGV;
my $system = RT->SystemUser;

my $queue = RT::Queue->new($system);
my ($ok, $message) = $queue->Create(Name => 'After-sales', Description => 'Returns and complaints');
die "queue: $message\n" unless $ok;

for my $name (qw(OrderNo Channel)) {
  my $field = RT::CustomField->new($system);
  ($ok, $message) = $field->Create(Name => $name, Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket');
  die "field: $message\n" unless $ok;
  ($ok, $message) = $field->AddToObject($queue);
  die "field of queue: $message\n" unless $ok;
}

open(my $in, '<', $hook_file) or die $!;
my $code = do { local $/; <$in> };
my $scrip = RT::Scrip->new($system);
($ok, $message) = $scrip->Create(
  Queue => 0, Description => 'Tell Orderweave', Stage => 'TransactionCreate', Template => 'Blank',
  ScripCondition => 'On Transaction', ScripAction => 'User Defined',
  CustomPrepareCode => 'return 1;', CustomCommitCode => $code,
);
die "scrip: $message\n" unless $ok;

my $root = RT::User->new($system);
$root->Load('root');
my $secret;
($ok, $message, $secret) =
  RT::AuthToken->new(RT::CurrentUser->new('root'))->Create(Owner => $root->id, Description => 'Orderweave');
die "token: $message\n" unless $ok;
umask 077;
open(my $out, '>', $token_file) or die $!;
print $out $secret;
close $out;
