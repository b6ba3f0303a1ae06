// The program. Everything is behind run_command_line().
#include "cli.h"

int main(int argc, char** argv) { return dragoman::app::run_command_line(argc, argv); }
