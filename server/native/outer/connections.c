/* Opens the pipes and the socket pair whose ends go to the supervisor, bubblewrap and the relay. Each closes what is not its own. */
#include "outer/connections.h"

#include "base/cleanup.h"
#include "base/open.h"

#include <sys/socket.h>

static bool open_socket_pair(int *outer, int *inner)
{
	int ends[2] = {-1, -1};
	bool done = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0;
	*outer = ends[0];
	*inner = ends[1];
	return done;
}

bool open_connections(struct connections *c)
{
	*c = (struct connections){-1, -1, -1, -1, -1, -1};
	if (!open_pipe(&c->output, &c->sandbox_output, 0) || !open_socket_pair(&c->outer, &c->inner) ||
	    !open_pipe(&c->broken, &c->sandbox_broken, 0))
		return false;
	int *const all[] = {&c->output, &c->outer, &c->broken, &c->sandbox_output, &c->inner, &c->sandbox_broken};
	for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
		move_up(all[i]);
	return true;
}

void close_connections(struct connections *c)
{
	close_descriptor(&c->output);
	close_descriptor(&c->sandbox_output);
	close_descriptor(&c->outer);
	close_descriptor(&c->inner);
	close_descriptor(&c->broken);
	close_descriptor(&c->sandbox_broken);
}
